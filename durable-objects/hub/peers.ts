// Other hubs, by the name of their stream. The platform's types rewrite arguments and answers for stubs and streams, which
// we never pass; ours say it plainly. That a hub class has these methods is checked where the class is written.
import { locationStream, userStream } from '../../protocol/ids.ts'
import type { HubEnv } from '../env.ts'
import type { LocationHubRpc, UserHubRpc } from '../rpc.ts'

export const userPeer = (env: HubEnv, userId: string): UserHubRpc =>
  env.USER_HUB.getByName(userStream(userId)) as unknown as UserHubRpc

export const locationPeer = (env: HubEnv, locationId: string): LocationHubRpc =>
  env.LOCATION_HUB.getByName(locationStream(locationId)) as unknown as LocationHubRpc
