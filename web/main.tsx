// The entry: makes what lives as long as the window, and shows the app.
import { render } from 'preact'
import { App } from './app.tsx'
import { ClockModel } from './stores/clock.ts'
import { DoorModel } from './stores/door.ts'
import { makeDevShopbell, SessionModel } from './stores/session.ts'

const root = document.getElementById('app')
if (!root) throw new Error('index.html has no #app')

const session = new SessionModel(makeDevShopbell, sessionStorage)
const door = new DoorModel(makeDevShopbell('').api)
const { now } = new ClockModel(Date.now, document)
render(<App session={session} door={door} now={now} />, root)
