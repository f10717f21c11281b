// npm run vapid: makes the key that a deployment shows to push services. Standard output is the key and nothing else.

import { openVapid } from '../durable-objects/push/vapid.ts'
import { makeVapidKey } from './lib/vapid-key.ts'

const key = await makeVapidKey()
const { publicKey } = await openVapid(key, '')
console.error(`The setting VAPID_PRIVATE_KEY, a secret. Pages subscribe with its public part,
${publicKey}
and whoever subscribed must subscribe again when it changes.`)
console.log(key)
