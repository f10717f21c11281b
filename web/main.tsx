// The entry: makes what lives as long as the window, and shows the app.
import { render } from 'preact'
import { App } from './app.tsx'
import { ClockModel } from './stores/clock.ts'
import { DoorModel } from './stores/door.ts'
import { LanguageModel } from './stores/language.ts'
import { makeDevShopbell, SessionModel } from './stores/session.ts'

const root = document.getElementById('app')
if (!root) throw new Error('index.html has no #app')

const session = new SessionModel(makeDevShopbell, sessionStorage)
const door = new DoorModel(makeDevShopbell('').api)
const language = new LanguageModel(navigator.languages)
const { now } = new ClockModel(Date.now, document)

// Before the first paint, so that nobody sees English turn into Spanish.
const { value: state } = session.state
await language.speak(state.name === 'signed_in' ? state.me.locale : null)
render(<App session={session} door={door} language={language} now={now} />, root)
