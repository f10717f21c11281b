// The suites that run on node:sqlite in milliseconds, once more on a hub's own storage.
import { runInDurableObject } from 'cloudflare:test'
import { sqlOf } from '../../durable-objects/store/sql.ts'
import { keptStoresContract } from '../contract/kept-stores.ts'
import { logStoreContract } from '../contract/log-store.ts'
import { markStoreContract } from '../contract/mark-store.ts'
import type { OnStorage } from '../contract/on.ts'
import { userHub } from './helpers/hubs.ts'
import { unique } from './helpers/shop.ts'

const onHub: OnStorage = (work) =>
  runInDurableObject(userHub(unique('nobody')), (_, state) => {
    work(sqlOf(state.storage))
  })

logStoreContract('a hub’s storage', onHub)
keptStoresContract('a hub’s storage', onHub)
markStoreContract('a hub’s storage', onHub)
