// What a file of a language must hold. A new type of notification does not compile until every
// language has a sentence for it.
import type * as v from 'valibot'
import type { NOTIFICATION_TYPES, NotificationType } from '../../../protocol/notification-types.ts'
import type { Write } from './write.ts'

export interface Text {
  title: string
  message: string
}

type DataOf<T extends NotificationType> = v.InferOutput<(typeof NOTIFICATION_TYPES)[T]['data']>

export type Texts = { [T in NotificationType]: (data: DataOf<T>, write: Write) => Text }
