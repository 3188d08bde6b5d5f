import { useState } from 'preact/hooks'
import type { EntryOf } from 'handrail'
import { dayOf } from '../../model/days.ts'
import { filled, inForce } from '../../model/promises.ts'
import { PlayerFrame, Title } from '../../parts/bars.tsx'
import { Button } from '../../parts/button.tsx'
import { Field, useGoToWrong } from '../../parts/field.tsx'
import { Facts } from '../../parts/figures.tsx'
import { NotKept } from '../../parts/not_kept.tsx'
import { Privacy } from '../../parts/notice.tsx'
import { entries, phone } from '../../phone.ts'
import { usePress } from '../../press.ts'
import { back, go, href } from '../../shell/router.ts'
import { language, t } from '../../text/text.ts'

type Words = EntryOf<'consent_form'>['doc']['content'] & { lang: string }

export interface ConnectProps {
  /** The alias of the other person. */
  peer: string
  /** Null: the form is not on this phone yet. */
  words: Words | null
  full?: boolean
  onYes: (signature: string) => void
  /** Only where the other person waits for an answer: a no when asking is just Back. */
  onNo: (() => void) | null
  onLater: () => void
}

/** One consent, one screen. Yes and No weigh the same. */
export function Connect({ peer, words, full, onYes, onNo, onLater }: ConnectProps) {
  const [name, setName] = useState('')
  const [tries, setTries] = useState(0)
  const isMissing = tries > 0 && !name.trim()
  useGoToWrong(isMissing ? tries : 0)
  const out = { label: t('shell.back'), onPress: onLater }
  if (!words) {
    return (
      <PlayerFrame out={out}>
        <Title>{peer}</Title>
        <p>{t('connect.no_form')}</p>
      </PlayerFrame>
    )
  }
  const { elements } = words
  // The form may be in another language than the app.
  const said = (text: string) => <span lang={words.lang}>{text}</span>
  function yes() {
    setTries(tries + 1)
    if (name.trim()) onYes(name.trim())
  }
  return (
    <PlayerFrame
      out={out}
      stacked
      end={
        <>
          <div class="buttons even">
            <Button onPress={onNo ?? onLater}>
              <span lang={words.lang}>{words.decline.replace(/\.$/, '')}</span>
            </Button>
            <Button onPress={yes}>
              <span lang={words.lang}>{words.agree.replace(/\.$/, '')}</span>
            </Button>
          </div>
          {onNo && (
            <Button wide onPress={onLater}>
              {t('connect.later')}
            </Button>
          )}
        </>
      }
    >
      <div class="stack" lang={words.lang}>
        <Title>{words.title}</Title>
        <p>{words.intro}</p>
      </div>
      <div class="card">
        <Facts
          facts={[
            [t('connect.what'), said(elements.information)],
            [t('connect.with'), said(elements.recipient)],
            [t('connect.why'), said(elements.purpose)],
            [t('connect.ends'), said(elements.expiry)],
            [t('connect.stop'), said(elements.revocation)],
            [t('connect.who'), said(elements.discloser)],
          ]}
        />
      </div>
      <div class="stack" lang={words.lang}>
        <Privacy icon="plan">
          {words.if_you_refuse} {words.may_pass_on}
        </Privacy>
        <p>{words.promise}</p>
      </div>
      <Field
        label={t('connect.name')}
        hint={t('connect.name_hint', { peer })}
        wrong={isMissing ? t('connect.name_missing') : undefined}
        value={name}
        onInput={setName}
        name="signature"
        autocomplete="name"
        maxLength={200}
      />
      {full && <NotKept />}
    </PlayerFrame>
  )
}

/** Ask another member. */
export function ConnectPage({ scope, card }: { scope: string; card: string }) {
  const shown = entries('member_card', scope).find((each) => each.id === card)
  const group = entries('group', scope)[0]
  const programme = group && entries('programme', `program:${group.doc.programme}`)[0]
  const [press, full] = usePress()
  const who = href('members', { scope })
  if (!shown?.doc.alias) return <NothingToAnswer />
  const form = formInForce()
  return (
    <Connect
      peer={shown.doc.alias}
      words={form && programme ? wordsOf(form, { peer: shown.doc.alias, programme: programme.doc.name }) : null}
      full={full}
      onNo={null}
      onLater={() => back(who)}
      onYes={(signature) => {
        const args = { id: phone().newId(), card, consent: { form: form!.id, signature } }
        void press(() => phone().act('alumni.request_connection', args).then(() => go(who, { replace: true })))
      }}
    />
  )
}

/** Answer a person who has asked. */
export function AnswerPage({ id }: { id: string }) {
  const connection = entries('connection').find((each) => each.id === id)
  const [press, full] = usePress()
  const isOnItsWay = phone().outbox().some(({ args }) => args.connection === id)
  if (connection?.doc.state !== 'waiting' || isOnItsWay) return <NothingToAnswer />
  const { alias, programme_name } = connection.doc
  const form = formInForce()
  const list = href('people')
  const answer = (act: () => Promise<unknown>) => void press(() => act().then(() => go(list, { replace: true })))
  return (
    <Connect
      peer={alias}
      words={form ? wordsOf(form, { peer: alias, programme: programme_name }) : null}
      full={full}
      onNo={() => answer(() => phone().act('alumni.decline_connection', { connection: id }))}
      onLater={() => back(list)}
      onYes={(signature) => {
        const args = { connection: id, consent: { form: form!.id, signature } }
        answer(() => phone().act('alumni.accept_connection', args))
      }}
    />
  )
}

export function NothingToAnswer() {
  return (
    <PlayerFrame out={{ label: t('tabs.people'), href: href('people') }}>
      <Title>{t('connect.gone')}</Title>
      <p>{t('connect.gone_body')}</p>
    </PlayerFrame>
  )
}

function formInForce(): EntryOf<'consent_form'> | undefined {
  const forms = entries('consent_form').filter(({ doc }) => doc.kind === 'peer_pair_visibility')
  return inForce(forms, language.value, dayOf(phone().now()))
}

function wordsOf({ doc }: EntryOf<'consent_form'>, names: Record<string, string>): Words {
  const fill = (_: string, value: unknown) => (typeof value === 'string' ? filled(value, names, doc.locale) : value)
  return { ...JSON.parse(JSON.stringify(doc.content), fill), lang: doc.locale }
}
