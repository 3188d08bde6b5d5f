import { useState } from 'preact/hooks'
import { StorageFull, type EntryOf } from 'handrail'
import { PlayerFrame, Title } from '../../parts/bars.tsx'
import { Button } from '../../parts/button.tsx'
import { Field } from '../../parts/field.tsx'
import { Facts } from '../../parts/figures.tsx'
import { Privacy } from '../../parts/notice.tsx'
import { entries, phone } from '../../phone.ts'
import { back, go, href } from '../../shell/router.ts'
import { language, t, type Key } from '../../text/text.ts'

type Words = EntryOf<'consent_form'>['doc']['content'] & { lang: string }

export interface ConnectProps {
  /** The alias of the other person. */
  peer: string
  /** Null: the form is not on this phone yet. */
  words: Words | null
  trouble?: Key | null
  onYes: (signature: string) => void
  /** Only where the other person waits for an answer: a no when asking is just Back. */
  onNo: (() => void) | null
  onLater: () => void
}

/** One consent, one screen. Yes and No weigh the same. */
export function Connect({ peer, words, trouble, onYes, onNo, onLater }: ConnectProps) {
  const [name, setName] = useState('')
  const [isMissing, setMissing] = useState(false)
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
  const yes = () => (name.trim() ? onYes(name.trim()) : setMissing(true))
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
        wrong={isMissing && !name.trim() ? t('connect.name_missing') : undefined}
        value={name}
        onInput={setName}
        name="signature"
        autocomplete="name"
        maxLength={200}
      />
      {trouble && <p role="status">{t(trouble)}</p>}
    </PlayerFrame>
  )
}

/** Ask another member. */
export function ConnectPage({ scope, card }: { scope: string; card: string }) {
  const shown = entries('member_card', scope).find((each) => each.id === card)
  const group = entries('group', scope)[0]
  const programme = group && entries('programme', `program:${group.doc.programme}`)[0]
  const [trouble, setTrouble] = useState<Key | null>(null)
  const who = href('members', { scope })
  if (!shown?.doc.alias) return <NothingToAnswer />
  const form = formInForce()
  return (
    <Connect
      peer={shown.doc.alias}
      words={form && programme ? wordsOf(form, { peer: shown.doc.alias, programme: programme.doc.name }) : null}
      trouble={trouble}
      onNo={null}
      onLater={() => back(who)}
      onYes={(signature) => {
        const args = { id: phone().newId(), card, consent: { form: form!.id, signature } }
        void kept(phone().act('alumni.request_connection', args), setTrouble, who)
      }}
    />
  )
}

/** Answer a person who has asked. */
export function AnswerPage({ id }: { id: string }) {
  const connection = entries('connection').find((each) => each.id === id)
  const [trouble, setTrouble] = useState<Key | null>(null)
  const isOnItsWay = phone().outbox().some(({ args }) => args.connection === id)
  if (connection?.doc.state !== 'waiting' || isOnItsWay) return <NothingToAnswer />
  const { alias, programme_name } = connection.doc
  const form = formInForce()
  const list = href('people')
  return (
    <Connect
      peer={alias}
      words={form ? wordsOf(form, { peer: alias, programme: programme_name }) : null}
      trouble={trouble}
      onNo={() => void kept(phone().act('alumni.decline_connection', { connection: id }), setTrouble, list)}
      onLater={() => back(list)}
      onYes={(signature) => {
        const args = { connection: id, consent: { form: form!.id, signature } }
        void kept(phone().act('alumni.accept_connection', args), setTrouble, list)
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

async function kept(act: Promise<unknown>, setTrouble: (trouble: Key) => void, then: string): Promise<void> {
  try {
    await act
  } catch (error) {
    if (!(error instanceof StorageFull)) throw error
    return setTrouble('thread.full')
  }
  go(then, { replace: true })
}

/** The newest one in the person's language that is in force today, or in any language. */
function formInForce(): EntryOf<'consent_form'> | null {
  const today = new Date(phone().now()).toISOString().slice(0, 10)
  const forms = entries('consent_form')
    .filter(({ doc }) => doc.kind === 'peer_pair_visibility' && doc.effective_on <= today)
    .sort((a, b) => (a.doc.effective_on < b.doc.effective_on ? 1 : -1))
  return forms.find(({ doc }) => doc.locale === language.value) ?? forms[0] ?? null
}

export function wordsOf({ doc }: EntryOf<'consent_form'>, names: Record<string, string>): Words {
  const filled = JSON.stringify(doc.content, (_, value) =>
    typeof value === 'string' ? value.replace(/\{(\w+)\}/g, (blank, name) => names[name] ?? blank) : value,
  )
  return { ...JSON.parse(filled), lang: doc.locale }
}
