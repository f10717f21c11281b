import { SocketQuery, StatusAnswer } from '../../../protocol/api.ts'
import type { RouteName } from '../../auth/permissions.ts'
import type { RouteDescription } from '../description.ts'

export const SOCKETS = {
  'GET /api/v1/ws': {
    id: 'openStream',
    tag: 'sockets',
    summary: 'Open a socket',
    text: 'The caller’s own stream, or with `location` the stream of a location. The token comes as a subprotocol beside `shopbell.v1` (`bearer.<token>`) or as `token`. What is said on it stands in the AsyncAPI document.',
    query: SocketQuery,
    queryExample: { device: 'phone-1' },
    answers: { 101: { text: 'The socket is open; its first frame is `welcome`.' } },
    errors: ['bad_request', 'upgrade_required', 'unavailable'],
  },
  'GET /api/v1/ws/status': {
    id: 'readStatus',
    tag: 'sockets',
    summary: 'The caller’s open sockets, and how the deployment is doing',
    text: 'Admins and services with `status:read` also get `totals`: what hubs reported, added up at most every ten seconds. While the archive is away an admin’s answer has none, and a service is told 503.',
    answers: {
      200: {
        text: 'Each socket at the own hub and at the caller’s locations.',
        body: StatusAnswer,
        example: {
          connected: true,
          connections: [
            {
              connection_id: '019e3f60-2f40-7aa1-bd0e-5a3c1f7e9b21',
              device: 'phone-1',
              stream: 'user:ben',
              connected_at: '2026-11-20T09:00:00.000Z',
              last_seen: '2026-11-20T09:12:30.000Z',
              visible: true,
            },
          ],
        },
      },
    },
    errors: ['unavailable', 'archive_unavailable'],
  },
} satisfies Partial<Record<RouteName, RouteDescription>>
