import { keptStoresContract } from '../../tests/contract/kept-stores.ts'
import { fakeSql } from '../../tests/fakes/sql.ts'

keptStoresContract('node:sqlite', (work) => work(fakeSql()))
