// While the server is asked who this browser is.
import { useEffect } from 'preact/hooks'
import Turning from '~icons/lucide/loader-circle'
import { Bell } from '../components/bell.tsx'
import { useWords } from '../hooks/use-app.ts'

export function ArrivingPage() {
  const words = useWords()
  useEffect(() => {
    document.title = words.app
  }, [words.app])
  return (
    <main class="door" aria-busy="true">
      <header class="door-head">
        <p class="door-brand">
          <Bell size={32} />
          {words.app}
        </p>
        <h1 class="door-arriving">
          {words.signIn.arriving}
          <Turning width={22} height={22} />
        </h1>
      </header>
    </main>
  )
}
