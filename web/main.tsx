// The entry: makes what lives as long as the window, and shows the app.
import { render } from 'preact'
import { App } from './app.tsx'
import { ClockModel } from './stores/clock.ts'
import { DoorModel } from './stores/door.ts'
import { LanguageModel } from './stores/language.ts'
import { takeSubjectToken } from './stores/hand-over.ts'
import { LEAVING } from './stores/leaving.ts'
import { registerWorker } from './register-worker.ts'
import { SessionModel } from './stores/session.ts'
import { asNobody, makeShopbell } from './stores/ways-in.ts'

// First of all, so that it stands in the address no longer than it must.
const subjectToken = takeSubjectToken(location, history)

const root = document.getElementById('app')
if (!root) throw new Error('index.html has no #app')

const session = new SessionModel(makeShopbell, sessionStorage, localStorage)
const door = new DoorModel(makeShopbell(asNobody).api)
const language = new LanguageModel(navigator.languages)
const { now } = new ClockModel(Date.now, document)

void session.begin(subjectToken)
addEventListener('hashchange', () => {
  const handedOver = takeSubjectToken(location, history)
  if (handedOver !== null) void session.begin(handedOver)
})
addEventListener('online', () => void session.tryAgain())
addEventListener('storage', ({ key, newValue }) => {
  if (key === LEAVING && newValue !== null) session.leftElsewhere()
})

// Before the first paint, so that nobody sees English turn into Spanish.
const { value: state } = session.state
await language.speak(state.name === 'signed_in' ? state.me.locale : null)
render(<App session={session} door={door} language={language} now={now} />, root)
void registerWorker()
