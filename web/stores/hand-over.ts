// How a platform's page hands its signed-in person over (AU2): `#subject_token=` and their JWT. A fragment is sent to no
// server and stands in no log; it is taken out of the address before anything else happens.
type Place = Pick<Location, 'hash' | 'pathname' | 'search'>
type Past = Pick<History, 'replaceState' | 'state'>

/** Null: nobody is handed over. */
export function takeSubjectToken(place: Place, past: Past): string | null {
  const token = new URLSearchParams(place.hash.slice(1)).get('subject_token')
  if (token !== null) past.replaceState(past.state, '', place.pathname + place.search)
  return token
}
