import type { Env as WorkerEnv } from '../../../worker/env.ts'
import type * as main from '../../../worker/index.ts'

declare global {
  namespace Cloudflare {
    interface Env extends WorkerEnv {}
    interface GlobalProps {
      mainModule: typeof main
      durableNamespaces: 'UserHub' | 'LocationHub'
    }
  }
}
