// Which picture stands for which type. Its colour is the category's hue (styles/tokens.css); the
// word beside it says the same, so the picture is hidden from screen readers.
import type { ComponentType, SVGAttributes } from 'preact'
import Award from '~icons/lucide/award'
import BadgeAlert from '~icons/lucide/badge-alert'
import BookOpen from '~icons/lucide/book-open'
import CalendarCheck from '~icons/lucide/calendar-check'
import CalendarClock from '~icons/lucide/calendar-clock'
import CalendarX from '~icons/lucide/calendar-x'
import CalendarRange from '~icons/lucide/calendar-range'
import AlarmClock from '~icons/lucide/alarm-clock'
import Gauge from '~icons/lucide/gauge'
import GraduationCap from '~icons/lucide/graduation-cap'
import Megaphone from '~icons/lucide/megaphone'
import ScrollText from '~icons/lucide/scroll-text'
import StickyNote from '~icons/lucide/sticky-note'
import Target from '~icons/lucide/target'
import TrendingUp from '~icons/lucide/trending-up'
import Trophy from '~icons/lucide/trophy'
import UserX from '~icons/lucide/user-x'
import type { Category, NotificationType } from '../../protocol/notification-types.ts'

type Picture = ComponentType<SVGAttributes<SVGSVGElement>>

const BY_TYPE: Record<NotificationType, Picture> = {
  'appointment.booked': CalendarCheck,
  'appointment.cancelled': CalendarX,
  'appointment.reminder': AlarmClock,
  'appointment.no_show': UserX,
  'performance.threshold_exceeded': Gauge,
  'performance.goal_achieved': Target,
  'performance.trend': TrendingUp,
  'team.announcement': Megaphone,
  'team.schedule_change': CalendarRange,
  'team.policy_update': ScrollText,
  'training.course_completed': GraduationCap,
  'training.module_available': BookOpen,
  'training.certification_expiring': BadgeAlert,
  'achievement.revenue_milestone': Trophy,
  'achievement.performance': Award,
  custom: StickyNote,
}

/** A type that a newer server knows and this build does not still has its category's picture. */
const BY_CATEGORY: Record<Category, Picture> = {
  appointment: CalendarClock,
  performance: TrendingUp,
  team: Megaphone,
  training: GraduationCap,
  achievement: Award,
  custom: StickyNote,
}

const isKnown = (type: string): type is NotificationType => Object.hasOwn(BY_TYPE, type)

export function KindIcon({ type, category }: { type: string; category: Category }) {
  const Shape = isKnown(type) ? BY_TYPE[type] : BY_CATEGORY[category]
  return (
    <span class={`kind kind-${category} kind-icon`}>
      <Shape width={20} height={20} />
    </span>
  )
}
