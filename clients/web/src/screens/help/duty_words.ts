import { t, wallClock, weekdayName } from '../../text/text.ts'
import type { Duty } from '../../model/duty.ts'

export function dutyWords(duty: Duty): string {
  if (duty.here) {
    return duty.until ? t('help.here_until', { time: wallClock(duty.until) }) : t('help.here')
  }
  const time = wallClock(duty.at)
  if (duty.in === 0) return t('help.back_today', { time })
  if (duty.in === 1) return t('help.back_tomorrow', { time })
  return t('help.back_on', { day: weekdayName(duty.weekday), time })
}
