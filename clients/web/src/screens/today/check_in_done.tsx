/** The end of a check-in: one answer in words, what became of it, and help if it was hard. */

import type { TeamLine } from '../../model/team.ts'
import type { Reply } from '../../model/check_in.ts'
import { PlayerFrame, Title } from '../../parts/bars.tsx'
import { Button } from '../../parts/button.tsx'
import { href } from '../../shell/router.ts'
import { tel } from '../help/numbers.ts'
import { t } from '../../text/text.ts'
import { hoursWords } from './cards.tsx'

export interface DoneProps {
  reply: Reply
  /** In words: "Saved on this phone. Sent, 8:14 AM." Empty if nothing was saved. */
  fate: string
  /** A hard answer leads to one offer of three. */
  hard: boolean
  team: TeamLine | null
}

const THANKED: readonly Reply[] = ['used', 'urge', 'urge_plan', 'low']

export function CheckInDone({ reply, fate, hard, team }: DoneProps) {
  const out = { label: t('checkin.close'), icon: 'close' as const, href: href('today') }
  return (
    <PlayerFrame out={out} layout="ask">
      <div class="stack">
        <Title>{t(THANKED.includes(reply) ? 'checkin.thanks' : 'checkin.done')}</Title>
        <p class="large">{t(`checkin.reply_${reply}`)}</p>
        {fate && (
          <p class="soft" role="status">
            {fate}
          </p>
        )}
      </div>
      {hard ? (
        <div class="stack tight">
          <h2>{t('checkin.offer')}</h2>
          <Button kind="deep" icon="urge" goes href={href('urge')}>
            {t('checkin.tool')}
          </Button>
          {team && (
            <Button icon="call" hint={hoursWords(team)} href={tel(team.number)}>
              {t('today.call_team')}
            </Button>
          )}
          <Button icon="check" goes href={href('today')}>
            {t('checkin.ok')}
          </Button>
        </div>
      ) : (
        <div class="stack tight">
          <Button kind="main" wide href={href('today')}>
            {t('checkin.close')}
          </Button>
          <Button wide href={href('check_ins')}>
            {t('today.earlier')}
          </Button>
        </div>
      )}
    </PlayerFrame>
  )
}
