import { logStoreContract } from '../../tests/contract/log-store.ts'
import { fakeSql } from '../../tests/fakes/sql.ts'

logStoreContract('node:sqlite', (work) => work(fakeSql()))
