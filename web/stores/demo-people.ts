// The people of the demo shop (spec, section 12). Only a server in development lets them in (AU3).

export interface DemoPerson {
  id: string
  name: string
  role: 'admin' | 'manager' | 'staff'
  shop: string
}

export const DEMO_SHOPS = ['downtown', 'harbour']

export const DEMO_PEOPLE: readonly DemoPerson[] = [
  { id: 'olivia', name: 'Olivia', role: 'admin', shop: '' },
  { id: 'ana', name: 'Ana', role: 'manager', shop: 'Downtown' },
  { id: 'ben', name: 'Ben', role: 'staff', shop: 'Downtown' },
  { id: 'cleo', name: 'Cleo', role: 'staff', shop: 'Downtown' },
  { id: 'dario', name: 'Dario', role: 'manager', shop: 'Harbour' },
  { id: 'emi', name: 'Emi', role: 'staff', shop: 'Harbour' },
]
