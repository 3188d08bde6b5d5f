import { useState } from 'preact/hooks'
import { type Avatar, AVATARS } from '../../model/avatars.ts'
import { Choice, Picks } from '../../parts/answers.tsx'
import { Button } from '../../parts/button.tsx'
import { PlayerFrame, Title } from '../../parts/bars.tsx'
import { Field, useGoToWrong, Wrong } from '../../parts/field.tsx'
import { Facts } from '../../parts/figures.tsx'
import { Notice, Privacy } from '../../parts/notice.tsx'
import { NotKept } from '../../parts/not_kept.tsx'
import { Drawing, Face } from '../../parts/face.tsx'
import { useAnswer } from '../../press.ts'
import { entries, phone } from '../../phone.ts'
import { saysWho } from '../../model/promises.ts'
import { useStepFocus } from '../../shell/step_focus.ts'
import { spoken, t, type Key } from '../../text/text.ts'
import {
  askLater, first, forgetRefusal, form, formWords, invitations, keepFirst, whyNotJoined, type FormWords,
} from './first.ts'
import { NothingOpen } from './notice.tsx'

export interface GroupQuestionProps {
  group: string
  words: FormWords
  /** Why the last answer did not count, in words. */
  refusal?: string | null
  full?: boolean
  step?: number | undefined
  of?: number | undefined
  onBack?: (() => void) | undefined
  onYes: () => void
  onNo: () => void
  onLater: () => void
}

/** P4: one consent, one screen. Yes and No weigh the same. */
export function GroupQuestion(props: GroupQuestionProps) {
  const { group, words, refusal, full, step, of, onBack } = props
  const { elements } = words
  return (
    <PlayerFrame
      out={onBack && { label: t('shell.back'), onPress: onBack }}
      step={step}
      of={of}
      stacked
      end={
        <>
          <div class="buttons even">
            <Button onPress={props.onNo}>{t('group.no')}</Button>
            <Button onPress={props.onYes}>{t('group.yes')}</Button>
          </div>
          <Button wide onPress={props.onLater}>
            {t('group.later')}
          </Button>
        </>
      }
    >
      <div class="stack tight">
        <p class="soft">{group}</p>
        <Title>{t('group.title')}</Title>
      </div>
      {refusal && (
        <Notice kind="wait" icon="info" title={t('group.refused_title')}>
          <p>{refusal}</p>
        </Notice>
      )}
      {full && <NotKept />}
      <div class="stack" lang={words.lang}>
        <p>{words.intro}</p>
        <div class="card">
          <Facts
            facts={[
              [t('group.they_see'), elements.information],
              [t('group.who'), elements.recipient],
              [t('group.why'), elements.purpose],
              [t('group.until'), elements.expiry],
              [t('group.change'), elements.revocation],
              [t('group.from'), elements.discloser],
            ]}
          />
        </div>
        <Privacy icon="plan">
          {words.if_you_refuse} {words.may_pass_on}
        </Privacy>
      </div>
    </PlayerFrame>
  )
}

export interface GroupSignProps {
  group: string
  words: FormWords
  rules: readonly string[]
  /** As the person typed it before. */
  name?: string
  alias?: string
  /** Of the person: an alias must not hold any of them. */
  names: readonly string[]
  /** The server's word on the alias, in words. */
  refusal?: string | null
  full?: boolean
  offline?: boolean
  step?: number | undefined
  of?: number | undefined
  onBack: () => void
  onJoin: (alias: string, avatar: string, name: string) => void
}

const RULES_WRONG = 'rules-wrong'

/** After a yes: the name that they see, the house rules, and the signature. */
export function GroupSign(props: GroupSignProps) {
  const { group, words, rules, names, refusal, full, offline, step, of, onBack, onJoin } = props
  const [alias, setAlias] = useState(props.alias ?? '')
  const [avatar, setAvatar] = useState('')
  const [name, setName] = useState(props.name ?? '')
  const [accepts, setAccepts] = useState(false)
  const [tries, setTries] = useState(0)
  useGoToWrong(tries)
  const says = saysWho(alias, names)
  const rulesAreWrong = tries > 0 && !accepts
  const aliasWrong = !alias.trim() ? t('group.alias_missing') : says ? t('group.alias_is_legal_name') : undefined

  function join(event?: Event) {
    event?.preventDefault()
    setTries(tries + 1)
    if (!aliasWrong && accepts && name.trim()) onJoin(alias.trim(), avatar, name.trim())
  }

  return (
    <PlayerFrame
      out={{ label: t('shell.back'), onPress: onBack }}
      step={step}
      of={of}
      back={{ label: t('shell.back'), onPress: onBack }}
      next={{ label: t('group.join'), onPress: join, even: true }}
    >
      <div class="stack tight">
        <p class="soft">{group}</p>
        <Title>{t('group.sign_title')}</Title>
      </div>
      <form class="stack" noValidate onSubmit={join}>
        <div class="line">
          <Face name={alias.trim() || '?'} avatar={avatar} tone="act" />
          <Field
            label={t('group.alias')}
            hint={t('group.alias_hint')}
            wrong={tries > 0 || says ? aliasWrong : (refusal ?? undefined)}
            value={alias}
            onInput={setAlias}
            name="alias"
            maxLength={40}
          />
        </div>
        <Picks
          name="avatar"
          legend={t('group.avatar')}
          options={[{ value: '', title: t('group.avatar_letter') }, ...AVATARS.map((value) => ({ value, title: <Drawn avatar={value} /> }))]}
          value={avatar}
          onChange={setAvatar}
          small
        />
        <section class="stack tight">
          <h2>{t('group.rules')}</h2>
          <ul class="dots">
            {rules.map((rule) => (
              <li key={rule}>{rule}</li>
            ))}
            <li lang={words.lang}>{words.promise}</li>
          </ul>
        </section>
        <div class="field">
          <Choice
            name="rules"
            title={t('group.accept')}
            checked={accepts}
            onChange={setAccepts}
            wrongAt={rulesAreWrong ? RULES_WRONG : undefined}
          />
          {rulesAreWrong && <Wrong id={RULES_WRONG}>{t('group.rules_not_accepted')}</Wrong>}
        </div>
        <Field
          label={t('group.signature')}
          hint={t('group.signature_hint')}
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
      {offline && <Privacy icon="offline">{t('group.offline')}</Privacy>}
      <p class="soft" lang={words.lang}>
        {words.agree}
      </p>
    </PlayerFrame>
  )
}

function Drawn({ avatar }: { avatar: Avatar }) {
  return (
    <>
      <Drawing avatar={avatar} />
      <span class="unseen">{t(`group.avatar_${avatar}`)}</span>
    </>
  )
}

/** What the server may answer to groups.join, by its code. */
const REFUSALS: Record<string, Key> = {
  alias_is_legal_name: 'group.alias_is_legal_name',
  alias_taken: 'group.alias_taken',
  full: 'group.full',
  closed: 'group.closed',
  superseded: 'group.newer',
  notice_first: 'group.notice_first',
}

interface InvitationPageProps {
  id: string
  step?: number | undefined
  of?: number | undefined
  onEnd: () => void
  isFirst?: boolean
}

export function InvitationPage({ id, step, of, onEnd, isFirst }: InvitationPageProps) {
  const invitation = invitations.value.find((each) => each.id === id)
  const [signs, setSigns] = useState(false)
  const { full, answer } = useAnswer(onEnd)
  useStepFocus(signs)
  if (!invitation || !form.value) return <NothingOpen onEnd={onEnd} />
  const code = whyNotJoined(id)
  const refusal = code === null ? null : t(REFUSALS[code] ?? 'group.refused')
  const words = formWords(invitation)
  const { group_name: group, house_rules } = invitation.doc

  async function join(alias: string, avatar: string, signature: string) {
    await forgetRefusal('groups.join', id)
    await keepFirst(() => ({ name: signature }))
    const consent = { form: form.value!.id, signature }
    await phone().act('groups.join', { invitation: id, alias, avatar, rules_accepted: true, consent })
  }
  async function decline() {
    await forgetRefusal('groups.join', id)
    await phone().act('groups.decline_invitation', { invitation: id })
  }

  if (!signs) {
    return (
      <GroupQuestion
        group={group}
        words={words}
        refusal={refusal}
        full={full}
        step={step}
        of={of}
        onBack={isFirst ? undefined : onEnd}
        onYes={() => setSigns(true)}
        onNo={() => answer(decline)}
        onLater={() => answer(() => askLater(id))}
      />
    )
  }
  const [person] = entries('person')
  return (
    <GroupSign
      group={group}
      words={words}
      rules={house_rules.map(({ text }) => spoken(text))}
      name={first.value.name ?? ''}
      names={person ? [person.doc.given_name, person.doc.family_name, person.doc.name_text, person.doc.called] : []}
      refusal={code?.startsWith('alias') ? refusal : null}
      full={full}
      offline={phone().status.network === 'offline'}
      step={step}
      of={of}
      onBack={() => setSigns(false)}
      onJoin={(alias, avatar, name) => answer(() => join(alias, avatar, name))}
    />
  )
}
