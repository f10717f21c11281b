import * as v from 'valibot'
import { describe, expect, test } from 'vitest'
import type { StoredNotification } from '../../protocol/notification.ts'
import { FRESH_STATE, Notification } from '../../protocol/notification.ts'
import { present } from './present.ts'

const stored: StoredNotification = {
  id: '0193a6a0-0000-7000-8000-000000000001',
  type: 'appointment.booked',
  priority: 'high',
  data: {
    appointment_id: 'a-1',
    client_name: 'Zoë',
    service: 'Skin fade',
    time: '2026-11-23T15:30:00.000Z',
    chair: 4,
  },
  to: { user_id: 'ben' },
  sender: 'service:demo-booking',
  sent_at: '2026-11-23T09:00:00.001Z',
  created_at: '2026-11-23T09:00:00.000Z',
}
const home = { stream: 'user:ben', seq: 7 }
const reader = { locale: 'en', zone: 'Europe/London' }

describe('what a reader gets', () => {
  test('[NO1] is the notification of the wire, with null for what is absent', () => {
    const shown = present(stored, home, reader, FRESH_STATE)
    expect(v.parse(Notification, shown)).toEqual(shown)
    expect(shown).toMatchObject({
      category: 'appointment',
      data: stored.data,
      location_id: null,
      deliver_at: null,
      expires_at: null,
      collapse_key: null,
      replaces: null,
      entity: null,
      actions: [],
      requires_ack: false,
      stream: 'user:ben',
      seq: 7,
      state: FRESH_STATE,
    })
  })

  test('[NO1] keeps everything that was stored', () => {
    const full: StoredNotification = {
      ...stored,
      location_id: 'downtown',
      deliver_at: '2026-11-23T10:00:00.000Z',
      expires_at: '2026-11-24T10:00:00.000Z',
      collapse_key: 'booking:a-1',
      replaces: '0193a6a0-0000-7000-8000-000000000000',
      entity: { type: 'appointment', id: 'a-1' },
      actions: [{ id: 'ok', label: 'I take it' }],
      requires_ack: true,
      title: 'A title',
      message: 'A message',
    }
    expect(present(full, home, reader, null)).toMatchObject({ ...full, state: null })
  })

  test('[NO2] texts that were not given are written in the reader’s language', () => {
    expect(present(stored, home, reader, null)).toMatchObject({
      title: 'Zoë booked a skin fade',
      message: 'Mon 23 Nov, 15:30',
    })
    expect(present(stored, home, { locale: 'es', zone: 'Europe/Madrid' }, null)).toMatchObject({
      title: 'Zoë ha reservado: skin fade',
      message: 'lun 23 nov, 16:30',
    })
  })

  test('[NO2] given texts go out as they came, each for itself', () => {
    expect(present({ ...stored, title: 'Mine  \n' }, home, reader, null)).toMatchObject({
      title: 'Mine  \n',
      message: 'Mon 23 Nov, 15:30',
    })
    expect(present({ ...stored, message: 'Mine' }, home, reader, null)).toMatchObject({
      title: 'Zoë booked a skin fade',
      message: 'Mine',
    })
  })

  test('[NO2] a custom notification needs only its title', () => {
    const { data: _, ...rest } = stored
    const custom = present({ ...rest, type: 'custom', title: 'Lunch' }, home, reader, null)
    expect(custom).toMatchObject({ title: 'Lunch', message: '', data: {}, category: 'custom' })
  })
})
