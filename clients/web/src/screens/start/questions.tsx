/** What is asked between the door and Today, once: lock, notice, groups. It ends with promises. */

import { useRef, useState } from 'preact/hooks'
import { Notice } from '../../parts/notice.tsx'
import { Getting } from '../../parts/waiting.tsx'
import { level } from '../../opening.ts'
import { useAnswer } from '../../press.ts'
import { isOffline, phone, status } from '../../phone.ts'
import { useStepFocus } from '../../shell/step_focus.ts'
import { t } from '../../text/text.ts'
import { DoorPage } from '../door/page.tsx'
import { first, invitations, keepFirst, notice } from './first.ts'
import { InvitationPage } from './group_choice.tsx'
import { LockPage } from './lock_page.tsx'
import { Never } from './never.tsx'
import { NoticePage } from './notice.tsx'

type Step = { ask: 'lock' } | { ask: 'notice' } | { ask: 'group'; id: string } | { ask: 'never' }

/** What is still to be answered, in order. */
function steps(): Step[] {
  const { lock, later = [] } = first.value
  const open = notice.value
  return [
    ...(lock || level.value !== 'phone' ? [] : [{ ask: 'lock' } as const]),
    ...(open && !open.waits && !later.includes(open.notice.id) ? [{ ask: 'notice' } as const] : []),
    ...invitations.value.filter(({ id }) => !later.includes(id)).map(({ id }) => ({ ask: 'group', id }) as const),
    { ask: 'never' },
  ]
}

export function Questions() {
  const [answered, setAnswered] = useState(0)
  const onEnd = () => setAnswered((before) => before + 1)
  const { full, answer } = useAnswer(onEnd)
  // What arrives while the last page is read waits on Today.
  const isLast = useRef(false)
  const left = isLast.current ? [{ ask: 'never' } as const] : steps()
  const now: Step | undefined = left[0]
  const id = now?.ask === 'group' ? now.id : now?.ask
  useStepFocus(id)
  // How many there are shows once the first of the programme's have come.
  const isRead = status.value?.lastSynced !== null
  isLast.current = now?.ask === 'never' && isRead
  const numbers = isRead ? { step: answered + 1, of: answered + left.length } : {}
  if (now?.ask === 'lock') {
    return <LockPage isFirst full={full} {...numbers} onEnd={() => answer(() => keepFirst(() => ({ lock: true })))} />
  }
  // The first questions of the programme are among what is read first.
  if (!isRead) return <FirstRead offline={isOffline()} />
  if (now?.ask === 'notice') return <NoticePage key={id} isFirst {...numbers} onEnd={onEnd} />
  if (now?.ask === 'group') return <InvitationPage key={id} isFirst id={now.id} {...numbers} onEnd={onEnd} />
  return (
    <Never
      {...numbers}
      waits={phone().outbox().length > 0}
      later={Boolean(notice.value && !notice.value.waits)}
      full={full}
      onGo={() => answer(() => keepFirst(() => ({ done: true })))}
    />
  )
}

/** Signed in, and nothing is here yet. */
export function FirstRead({ offline }: { offline: boolean }) {
  return (
    <DoorPage title={t('first.read_title')}>
      {offline ? (
        <Notice kind="wait" icon="offline" title={t('door.offline_title')}>
          <p>{t('first.read_offline')}</p>
        </Notice>
      ) : (
        <Getting>{t('first.read')}</Getting>
      )}
    </DoorPage>
  )
}
