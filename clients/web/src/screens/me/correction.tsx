import { useState } from 'preact/hooks'
import { useKept } from '../../kept.ts'
import { idOf } from '../../model/ids.ts'
import { Picks } from '../../parts/answers.tsx'
import { PlayerFrame, Title } from '../../parts/bars.tsx'
import { Field, useGoToWrong } from '../../parts/field.tsx'
import { NotKept } from '../../parts/not_kept.tsx'
import { Privacy } from '../../parts/notice.tsx'
import { isOffline, phone } from '../../phone.ts'
import { usePress } from '../../press.ts'
import { announce } from '../../shell/live.tsx'
import { go, href } from '../../shell/router.ts'
import { t } from '../../text/text.ts'
import * as here from '../today/here.ts'
import { fieldName, type FieldName, FIELDS } from './record.tsx'

export interface Draft {
  field: FieldName | null
  wanted: string
}

export interface CorrectionProps {
  draft: Draft
  onDraft: (draft: Draft) => void
  onSend: () => void
  full?: boolean
  offline?: boolean
}

const MOST = 4000

/** Ask the team to correct the record (45 CFR 164.526). */
export function Correction({ draft, onDraft, onSend, full, offline }: CorrectionProps) {
  const [tries, setTries] = useState(0)
  const isEmpty = !draft.wanted.trim()
  useGoToWrong(isEmpty ? tries : 0)
  function send() {
    setTries(tries + 1)
    if (!isEmpty) onSend()
  }
  return (
    <PlayerFrame
      out={{ label: t('record.title'), href: href('record') }}
      back={{ label: t('shell.not_now'), href: href('record') }}
      next={{ label: t('correction.send'), onPress: send }}
    >
      <Title>{t('record.ask')}</Title>
      <Picks
        name="field"
        legend={t('correction.what')}
        options={FIELDS.map((value) => ({ value, title: fieldName(value) }))}
        value={draft.field}
        onChange={(field) => onDraft({ ...draft, field })}
      />
      <Field
        label={t('correction.wanted')}
        hint={t('correction.hint')}
        wrong={tries > 0 && isEmpty ? t('correction.missing') : undefined}
        value={draft.wanted}
        onInput={(wanted) => onDraft({ ...draft, wanted })}
        name="wanted"
        lines="long"
        maxLength={MOST}
      />
      {full && <NotKept />}
      <Privacy>{t('correction.who')}</Privacy>
      {offline && <Privacy icon="offline">{t('correction.offline')}</Privacy>}
    </PlayerFrame>
  )
}

export function CorrectionPage() {
  const [draft, keep] = useKept<Draft>('correction', () => ({ field: null, wanted: '' }))
  const [press, full] = usePress()
  const record = here.record()

  async function send() {
    if (!record) return
    const id = phone().newId()
    const args = { id, record: idOf(record.scope), field: draft.field ?? 'other', wanted: draft.wanted.trim() }
    await phone().act('care.request_correction', args)
    keep(null)
    announce(t('correction.done'))
    go(href('record'), { replace: true })
  }

  return <Correction draft={draft} onDraft={keep} onSend={() => void press(send)} full={full} offline={isOffline()} />
}
