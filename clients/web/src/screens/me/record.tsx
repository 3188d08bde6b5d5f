/** What the programme has written down about the person, and how to have it corrected. */

import type { EntryOf } from 'handrail'
import { staffName } from '../../model/staff.ts'
import { Button } from '../../parts/button.tsx'
import { Card } from '../../parts/card.tsx'
import { Facts } from '../../parts/figures.tsx'
import { Chip } from '../../parts/notice.tsx'
import { entries, phone } from '../../phone.ts'
import { href } from '../../shell/router.ts'
import { fateWords } from '../../text/fate.ts'
import { date } from '../../text/dates.ts'
import { type Language, LANGUAGES, t } from '../../text/text.ts'
import * as here from '../today/here.ts'
import { Part, Under } from './under.tsx'

/** What can be wrong, in the order of the page. */
export const FIELDS = ['given_name', 'family_name', 'called', 'date_of_birth', 'email', 'phone', 'locale', 'other'] as const
export type FieldName = (typeof FIELDS)[number]
type Values = Partial<Record<FieldName | 'name_text', string | null>>
type Doc = EntryOf<'correction_request'>['doc']

export interface Asked extends Pick<Doc, 'wanted' | 'state' | 'answer'> {
  id: string
  field: string
  at: number
  by: string | null
  /** While it is not sent: its fate in words. */
  fate: string | null
}

export interface Corrected {
  id: string
  field: string
  before: string
  after: string
  reason: string
  at: number
  by: string | null
}

export interface RecordProps {
  /** Null: the programme's record has not come; then this is what the account has. */
  programme: string | null
  since: number | null
  values: Values
  asked: readonly Asked[]
  corrected: readonly Corrected[]
  /** The person can ask for a correction. */
  canAsk: boolean
  asOf: number | null
}

export function Record({ programme, since, values, asked, corrected, canAsk, asOf }: RecordProps) {
  const facts = [
    ...FIELDS.filter((field) => field !== 'other').map((field) => [fieldName(field), valueWords(field, values[field] ?? '')] as const),
    [t('record.programme'), programme && since ? t('record.since', { programme, day: date(since) }) : ''] as const,
  ]
  return (
    <Under title={t('record.title')} lead={canAsk ? `${t('record.lead')} ${t('record.lead_ask')}` : t('record.lead')} asOf={asOf}>
      <Facts facts={facts.filter(([, value]) => value)} />
      {canAsk && (
        <Button icon="edit" wide href={href('correction')}>
          {t('record.ask')}
        </Button>
      )}
      {asked.length > 0 && (
        <Part title={t('record.asked')}>
          {asked.map((each) => (
            <Card key={each.id} layout="stack tight">
              <div class="apart">
                <b>{fieldName(each.field)}</b>
                <Chip kind={each.state === 'accepted' ? 'good' : undefined}>{t(`record.${each.state}`)}</Chip>
              </div>
              <p class="quote">“{each.wanted}”</p>
              {each.answer && (
                <p>
                  {each.by && `${each.by}: `}“{each.answer}”
                </p>
              )}
              <p class="soft small">{each.fate ?? t(each.state === 'open' ? 'record.asked_open' : 'record.asked_on', { day: date(each.at) })}</p>
            </Card>
          ))}
        </Part>
      )}
      {corrected.length > 0 && (
        <Part title={t('record.corrected')}>
          {corrected.map(({ id, field, before, after, reason, at, by }) => (
            <Card key={id} layout="stack tight">
              <b>{fieldName(field)}</b>
              <Facts
                facts={[
                  [t('record.before'), valueWords(field, before) || t('record.nothing')],
                  [t('record.after'), valueWords(field, after) || t('record.nothing')],
                ]}
              />
              {reason && <p>{reason}</p>}
              <p class="soft small">{by ? t('record.by', { name: by, day: date(at) }) : date(at)}</p>
            </Card>
          ))}
        </Part>
      )}
    </Under>
  )
}

export function fieldName(field: string): string {
  const known = [...FIELDS, 'name_text' as const].find((each) => each === field)
  return known ? t(`record.${known}`) : t('record.other')
}

/** A value as people write it. */
function valueWords(field: string, value: string): string {
  if (field === 'date_of_birth' && /^\d{4}-\d\d-\d\d$/.test(value)) return date(value)
  return field === 'locale' ? (LANGUAGES[value as Language] ?? value) : value
}

export function RecordPage() {
  const record = here.record()
  const account = entries('person')[0]?.doc
  const nameOf = (user: string | null) => (user ? staffName(entries('staff_member'), user) : null)
  const corrections = [...entries('record_correction'), ...entries('staff_correction')]
  return (
    <Record
      programme={record ? (here.programme()?.doc.name ?? null) : null}
      since={record ? Date.parse(record.doc.opened_at) : null}
      values={record?.doc ?? account ?? {}}
      asked={entries('correction_request')
        .map(({ id, doc, pending }): Asked => {
          const { field, wanted, state, answer, asked_at, answered_by } = doc
          const fate = pending && phone().fate(pending)
          return { id, field, wanted, state, answer, at: Date.parse(asked_at), by: nameOf(answered_by), fate: fate && fateWords(fate) }
        })
        .sort((one, other) => other.at - one.at)}
      corrected={corrections
        .map(({ id, doc }): Corrected => {
          const { field, before, after, reason, corrected_at, corrected_by } = doc
          return { id, field, before, after, reason, at: Date.parse(corrected_at), by: nameOf(corrected_by) }
        })
        .sort((one, other) => other.at - one.at)}
      canAsk={record !== null}
      asOf={here.asOf()}
    />
  )
}
