// What several examples show. They are of the demo shop of development, where each of them can be tried as it stands.
import type { Notification } from '../../../protocol/notification.ts'

/** The id of an entry in Ben's inbox. A test puts the id of a real one in its place. */
export const EXAMPLE_ENTRY = '019e3f60-7a10-7c3e-8f5a-2b9d41c6e803'
/** Of a stream; a test leaves it as it is. */
export const EXAMPLE_EPOCH = '019e3f5c-1d20-7b11-9c02-6f0c8a7e1d54'

export const EXAMPLE_COUNTS = { unread: 1, unseen: 1, action_required: 0, until: null }

export const EXAMPLE_AS_OF = {
  as_of: { 'user:ben': 0, 'location:downtown': 42 },
  epochs: { 'user:ben': EXAMPLE_EPOCH, 'location:downtown': EXAMPLE_EPOCH },
}

export const BOOKING = {
  to: { location_id: 'downtown' },
  type: 'appointment.booked',
  data: {
    appointment_id: 'apt-4711',
    client_name: 'Nora Lind',
    service: 'Cut and colour',
    time: '2026-11-20T15:30:00.000Z',
  },
  entity: { type: 'appointment', id: 'apt-4711' },
}

export const EXAMPLE_NOTIFICATION: Notification = {
  id: EXAMPLE_ENTRY,
  type: 'appointment.booked',
  category: 'appointment',
  priority: 'high',
  title: 'New booking',
  message: 'Nora Lind booked Cut and colour for Friday, 20 November at 10:30.',
  data: BOOKING.data,
  to: BOOKING.to,
  location_id: 'downtown',
  sender: 'service:demo-booking',
  sent_at: '2026-11-20T09:12:45.120Z',
  created_at: '2026-11-20T09:12:45.081Z',
  deliver_at: null,
  expires_at: null,
  collapse_key: null,
  replaces: null,
  entity: BOOKING.entity,
  actions: [],
  requires_ack: false,
  stream: 'location:downtown',
  seq: 42,
  state: {
    delivered_at: null,
    seen_at: null,
    read_at: null,
    is_read: false,
    archived_at: null,
    acknowledged_at: null,
    snoozed_until: null,
    outcome: null,
  },
}
