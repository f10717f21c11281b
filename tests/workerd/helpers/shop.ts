// A shop with people in it, of its own for each test: storage is shared within a file.
import { env } from 'cloudflare:workers'
import type { LocationBody, UserBody } from '../../../protocol/api.ts'
import type { Role } from '../../../protocol/notification.ts'
import { saveLocation, saveMember, saveUser } from '../../../worker/directory.ts'
import { memberToken } from './tokens.ts'

export interface Person {
  id: string
  /** A token that claims what the directory said when the shop was opened. */
  token: string
}

export interface Shop {
  location: string
  manager: Person
  staff: Person
  colleague: Person
}

let shops = 0

/** A name that nothing else has. */
export const unique = (name: string) => `${name}-${++shops}-${crypto.randomUUID().slice(0, 8)}`

/** A person in the directory, at no location. */
export async function addUser(name = 'user', body: Partial<UserBody> = {}): Promise<Person> {
  const id = unique(name)
  await saveUser(env, id, { name, ...body })
  return { id, token: await memberToken(id) }
}

export async function addLocation(body: Partial<LocationBody> = {}): Promise<string> {
  const id = unique('shop')
  await saveLocation(env, id, { name: 'Shop', time_zone: 'Europe/Madrid', ...body })
  return id
}

/** Makes a person a member, with a token that says so. */
export async function join(location: string, person: Person, role: Role): Promise<Person> {
  await saveMember(env, { location_id: location, user_id: person.id, role })
  return { ...person, token: await memberToken(person.id, { [location]: role }) }
}

/** One location with a manager and two staff. */
export async function openShop(): Promise<Shop> {
  const location = await addLocation()
  const [manager, staff, colleague] = await Promise.all([
    addUser('manager'),
    addUser('staff'),
    addUser('colleague'),
  ])
  return {
    location,
    manager: await join(location, manager, 'manager'),
    staff: await join(location, staff, 'staff'),
    colleague: await join(location, colleague, 'staff'),
  }
}
