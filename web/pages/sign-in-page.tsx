// The door: the demo people in development; elsewhere the shop platform brings people in.
import { useEffect } from 'preact/hooks'
import Chevron from '~icons/lucide/chevron-right'
import Turning from '~icons/lucide/loader-circle'
import { Avatar } from '../components/avatar.tsx'
import { Bell } from '../components/bell.tsx'
import { useWords } from '../hooks/use-app.ts'
import type { Messages } from '../messages/en.ts'
import { DEMO_PEOPLE, type DemoPerson } from '../stores/demo-people.ts'
import type { Door } from '../stores/door.ts'
import { canTryAgain, type SessionStore } from '../stores/session.ts'

interface Props {
  session: SessionStore
  door: Door
}

export function SignInPage({ session, door }: Props) {
  const words = useWords()
  useEffect(() => {
    document.title = words.app
    void door.knock()
  }, [door, words.app])
  const isPlatform = door.status.value === 'platform'
  return (
    <main class="door">
      <header class="door-head">
        <p class="door-brand">
          <Bell size={32} />
          {words.app}
        </p>
        <h1>{isPlatform ? words.signIn.platformTitle : words.signIn.title}</h1>
        <p>{isPlatform ? words.signIn.platform : words.signIn.hint}</p>
      </header>
      <DoorProblem session={session} door={door} />
      {!isPlatform && <People session={session} door={door} />}
    </main>
  )
}

function DoorProblem({ session, door }: Props) {
  const words = useWords()
  const state = session.state.value
  const isUnreachable = door.status.value === 'unreachable'
  const own = state.name === 'signed_out' ? state.problem : null
  // What became of the person is more than that nobody answers.
  const problem = own ?? (isUnreachable ? 'unreachable' : null)
  if (problem === null) return null
  const tryAgain = () => {
    if (isUnreachable) void door.knock()
    void session.tryAgain()
  }
  return (
    <div class="note note-bad" role="alert">
      <span>{words.signIn.problem[problem]}</span>
      {canTryAgain(problem) && (
        <button type="button" class="button" onClick={tryAgain}>
          {words.retry}
        </button>
      )}
    </div>
  )
}

function People({ session, door }: Props) {
  const words = useWords().signIn
  const isAsking = door.status.value === 'asking'
  if (door.status.value === 'unreachable') return null
  return (
    <ul class="people" role="list" aria-label={words.list} aria-busy={isAsking}>
      {DEMO_PEOPLE.map((person) => (
        <li key={person.id}>
          {isAsking ? (
            <div class="skeleton person-skeleton" />
          ) : (
            <PersonCard person={person} session={session} />
          )}
        </li>
      ))}
    </ul>
  )
}

function roleWords({ role, shop }: DemoPerson, words: Messages['signIn']) {
  if (role === 'admin') return words.admin
  return role === 'manager' ? words.managerOf(shop) : words.staffOf(shop)
}

function PersonCard({ person, session }: { person: DemoPerson; session: SessionStore }) {
  const words = useWords().signIn
  const state = session.state.value
  const isBusy = state.name === 'signing_in'
  const isThis = isBusy && state.userId === person.id
  return (
    <button
      type="button"
      class={isThis ? 'person person-busy' : 'person'}
      disabled={isBusy}
      onClick={() => void session.signIn(person.id)}
    >
      <Avatar name={person.name} />
      <span class="person-text">
        <b>{person.name}</b>
        <span class="soft">{isThis ? words.signingIn(person.name) : roleWords(person, words)}</span>
      </span>
      {isThis ? <Turning width={20} height={20} /> : <Chevron width={20} height={20} />}
    </button>
  )
}
