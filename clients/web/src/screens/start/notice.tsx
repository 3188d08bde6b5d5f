import { useState } from 'preact/hooks'
import { Button } from '../../parts/button.tsx'
import { PlayerFrame, Title } from '../../parts/bars.tsx'
import { Field, useGoToWrong } from '../../parts/field.tsx'
import { Icon } from '../../parts/icons.tsx'
import { Notice, Privacy } from '../../parts/notice.tsx'
import { NotKept } from '../../parts/not_kept.tsx'
import { useAnswer } from '../../press.ts'
import { phone } from '../../phone.ts'
import { useStepFocus } from '../../shell/step_focus.ts'
import { t } from '../../text/text.ts'
import {
  askLater, first, forgetRefusal, keepFirst, notice, noticeWords, whyNotAcknowledged, type NoticeWords,
} from './first.ts'

export interface NoticeTextProps {
  words: NoticeWords
  /** The person answered an older one, which the server did not take. */
  newer?: boolean
  /** Their answer to it so far. */
  declined?: boolean
  full?: boolean
  step?: number | undefined
  of?: number | undefined
  onBack?: (() => void) | undefined
  onLater: () => void
  onNext: () => void
}

/** P4. The notice that the law asks for: its parts open one by one. */
export function NoticeText({ words, newer, declined, full, step, of, onBack, onLater, onNext }: NoticeTextProps) {
  return (
    <PlayerFrame
      out={onBack && { label: t('shell.back'), onPress: onBack }}
      step={step}
      of={of}
      back={{ label: t('shell.not_now'), onPress: onLater }}
      next={{ label: t('promises.next'), onPress: onNext }}
    >
      {newer && (
        <Notice kind="wait" icon="info" title={t('promises.newer_title')}>
          <p>{t('promises.newer')}</p>
        </Notice>
      )}
      {declined && (
        <Notice icon="info" title={t('promises.declined_title')}>
          <p>{t('promises.declined')}</p>
        </Notice>
      )}
      {full && <NotKept />}
      <div class="stack" lang={words.lang}>
        <Title>{words.title}</Title>
        <p>{words.heading}</p>
        <Sections sections={words.sections} />
      </div>
    </PlayerFrame>
  )
}

/** They open one by one. */
export function Sections({ sections }: Pick<NoticeWords, 'sections'>) {
  return (
    <ul class="card flush rows">
      {sections.map(({ id, title, body, list }) => (
        <li key={id}>
          <details class="fold inset">
            <summary>
              <Icon name="go" /> <span>{title}</span>
            </summary>
            {body !== undefined && <p>{body}</p>}
            {list && (
              <ul class="dots">
                {list.map((line, place) => (
                  <li key={place}>{line}</li>
                ))}
              </ul>
            )}
          </details>
        </li>
      ))}
    </ul>
  )
}

export interface NoticeAnswerProps {
  words: NoticeWords
  /** As the person typed their name before. */
  name?: string
  /** The phone has no room: nothing was kept but what stands in the box. */
  full?: boolean
  offline?: boolean
  step?: number | undefined
  of?: number | undefined
  onBack: () => void
  onLater: () => void
  onAcknowledge: (name: string) => void
  onDecline: () => void
}

/** The answer: each as large as the other. */
export function NoticeAnswer(props: NoticeAnswerProps) {
  const { words, full, offline, step, of, onBack, onLater } = props
  const [name, setName] = useState(props.name ?? '')
  const [tries, setTries] = useState(0)
  useGoToWrong(tries)
  function acknowledge() {
    setTries(tries + 1)
    if (name.trim()) props.onAcknowledge(name.trim())
  }
  return (
    <PlayerFrame
      out={{ label: t('shell.back'), onPress: onBack }}
      step={step}
      of={of}
      stacked
      end={
        <>
          <div class="buttons even" lang={words.lang}>
            <Button onPress={props.onDecline}>{words.decline}</Button>
            <Button onPress={acknowledge}>{words.acknowledge}</Button>
          </div>
          <Button wide onPress={onLater}>
            {t('shell.not_now')}
          </Button>
        </>
      }
    >
      <Title>{t('promises.answer_title')}</Title>
      <p>{t('promises.means')}</p>
      <form
        class="stack"
        noValidate
        onSubmit={(event) => {
          event.preventDefault()
          acknowledge()
        }}
      >
        <Field
          label={t('promises.name')}
          hint={t('promises.name_hint')}
          wrong={tries > 0 && !name.trim() ? t('promises.name_missing') : undefined}
          value={name}
          onInput={setName}
          name="name"
          autocomplete="name"
          maxLength={200}
        />
        <button type="submit" hidden />
      </form>
      {full && <NotKept />}
      {offline && <Privacy icon="offline">{t('promises.offline')}</Privacy>}
      <p class="soft">{t('promises.decline_means')}</p>
    </PlayerFrame>
  )
}

interface NoticePageProps {
  step?: number | undefined
  of?: number | undefined
  /** Answered, or put off. */
  onEnd: () => void
  isFirst?: boolean
}

export function NoticePage({ step, of, onEnd, isFirst }: NoticePageProps) {
  const open = notice.value
  const [reads, setReads] = useState(true)
  const { full, answer } = useAnswer(onEnd)
  useStepFocus(reads)
  if (!open) return <NothingOpen onEnd={onEnd} />
  const { id } = open.notice
  const words = noticeWords(open)
  const later = () => answer(() => askLater(id))

  async function acknowledge(name: string) {
    await forgetRefusal('privacy.acknowledge_notice')
    await keepFirst(() => ({ name }))
    await phone().act('privacy.acknowledge_notice', { id: phone().newId(), notice: id, signed_name: name })
  }
  async function decline() {
    await forgetRefusal('privacy.acknowledge_notice')
    await askLater(id)
    await phone().act('privacy.decline_notice', { id: phone().newId(), notice: id })
  }

  if (reads) {
    return (
      <NoticeText
        words={words}
        newer={whyNotAcknowledged() === 'superseded'}
        declined={open.declined}
        full={full}
        step={step}
        of={of}
        onBack={isFirst ? undefined : onEnd}
        onLater={later}
        onNext={() => setReads(false)}
      />
    )
  }
  return (
    <NoticeAnswer
      words={words}
      name={first.value.name ?? ''}
      full={full}
      offline={phone().status.network === 'offline'}
      step={step}
      of={of}
      onBack={() => setReads(true)}
      onLater={later}
      onAcknowledge={(name) => answer(() => acknowledge(name))}
      onDecline={() => answer(decline)}
    />
  )
}

/** The page was opened by an old link, or another phone has answered meanwhile. */
export function NothingOpen({ onEnd }: { onEnd: () => void }) {
  return (
    <PlayerFrame out={{ label: t('shell.back'), onPress: onEnd }} next={{ label: t('never.go'), onPress: onEnd }}>
      <Title>{t('promises.nothing')}</Title>
      <p class="soft">{t('promises.nothing_how')}</p>
    </PlayerFrame>
  )
}
