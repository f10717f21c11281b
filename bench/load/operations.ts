// What a load process can be asked to do, by name. Each has sockets of its own.
import { ask, type AskPlan } from './requests.ts'
import { Swarm, type SocketPlan } from './swarm.ts'

const swarm = new Swarm()

export const OPERATIONS = {
  ask: (plan: AskPlan) => ask(plan),
  open: ({ plans, atOnce }: { plans: SocketPlan[]; atOnce: number }) => swarm.open(plans, atOnce),
  reset: async ({ each, goOn }: { each: number; goOn?: boolean }) => swarm.reset(each, goOn),
  whole: async ({ timeoutMs }: { timeoutMs: number }) => {
    await swarm.whole(timeoutMs)
    return swarm.delivered()
  },
  acknowledge: () => swarm.acknowledge(),
  say: ({ frames }: { frames: object[] }) => swarm.say(frames),
  drop: () => swarm.drop(),
  setSeen: async ({ seq }: { seq: number }) => swarm.setSeen(seq),
  resume: ({ each, timeoutMs }: { each: number; timeoutMs: number }) =>
    swarm.resume(each, timeoutMs),
  close: () => swarm.close(),
}

export type Operations = typeof OPERATIONS
