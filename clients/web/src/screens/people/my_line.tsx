import { LINE_KINDS, type LineKind, LONGEST_LINE } from '../../model/rounds.ts'
import { PlayerFrame, Title } from '../../parts/bars.tsx'
import { Field } from '../../parts/field.tsx'
import { NotKept } from '../../parts/not_kept.tsx'
import { Privacy } from '../../parts/notice.tsx'
import { t } from '../../text/text.ts'

export type Lines = Partial<Record<LineKind, string>>

export interface MyLineProps {
  back: string
  lines: Lines
  /** Said already: they stand as they are. */
  said: readonly LineKind[]
  fromCheckIn: boolean
  audience: string
  /** Whether a round is open: then it can be shared now. */
  isOpen: boolean
  full?: boolean
  onLines: (lines: Lines) => void
  onPass: () => void
  onShare: () => void
  onKeep: () => void
}

/** Three short fields. Each may stay empty. */
export function MyLine(props: MyLineProps) {
  const { back, lines, said, fromCheckIn, audience, isOpen, full, onLines, onPass, onShare, onKeep } = props
  const isEmpty = !LINE_KINDS.some((kind) => !said.includes(kind) && lines[kind]?.trim())
  const share = isOpen
    ? { label: t('round.share'), onPress: onShare, notYet: isEmpty }
    : { label: t('round.keep'), onPress: onKeep }
  return (
    <PlayerFrame
      out={{ label: t('round.title'), href: back }}
      back={isOpen ? { label: t('round.pass'), onPress: onPass } : { label: t('shell.back'), href: back }}
      next={{ ...share, even: true }}
    >
      <div>
        <Title>{t('round.turn')}</Title>
        <p class="soft">{t('round.lead')}</p>
      </div>
      {LINE_KINDS.map((kind) =>
        said.includes(kind) ? (
          <div class="field" key={kind}>
            <p class="label">{t(`round.field_${kind}`)}</p>
            <p dir="auto">{lines[kind]}</p>
            <p class="hint">{t('round.said')}</p>
          </div>
        ) : (
          <Field
            key={kind}
            label={t(`round.field_${kind}`)}
            hint={kind === 'success' && fromCheckIn ? t('round.from_check_in') : undefined}
            value={lines[kind] ?? ''}
            onInput={(text) => onLines({ ...lines, [kind]: text })}
            name={kind}
            lines="short"
            maxLength={LONGEST_LINE}
          />
        ),
      )}
      <Privacy>{audience}</Privacy>
      {full && <NotKept />}
    </PlayerFrame>
  )
}
