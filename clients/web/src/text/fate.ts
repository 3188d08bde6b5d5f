import type { Fate } from 'handrail'
import { clock, t } from './text.ts'

interface Details {
  /** When it was sent. */
  at?: Date | number
  /** Why it was not, in words. */
  reason?: string
}

/** Four words for what became of a thing, the same everywhere. */
export function fateWords(fate: Fate, { at, reason = '' }: Details = {}): string {
  switch (fate) {
    case 'saved':
      return t('fate.saved')
    case 'waiting':
      return t('fate.waiting')
    case 'sent':
      return at === undefined ? t('fate.sent') : t('fate.sent_at', { time: clock(at) })
    case 'not sent':
      return t('fate.not_sent', { reason }).trim()
  }
}
