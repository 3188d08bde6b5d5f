import { Button } from '../../parts/button.tsx'
import { PlayerFrame, Title } from '../../parts/bars.tsx'
import { Notice, Privacy } from '../../parts/notice.tsx'
import { Choices } from '../../parts/answers.tsx'
import { t } from '../../text/text.ts'
import { IphoneSteps } from './iphone_steps.tsx'

export interface AppName {
  id: string
  /** In the person's language. */
  name: string
  /** URL of its icon. */
  icon?: string
}

export interface InstallProps {
  /** `android`: the browser lets us ask. `other`: it does not, and its menu may. */
  platform: 'android' | 'iphone' | 'other' | 'done'
  names: readonly AppName[]
  name: string
  /** Stood in the link. On an iPhone it is typed again, in the app. */
  code?: string
  onName: (id: string) => void
  onInstall: () => void
  onLater: () => void
}

/** P2. The name comes first: an iPhone cannot change it later. */
export function Install({ platform, names, name, code, onName, onInstall, onLater }: InstallProps) {
  if (platform === 'done') return <Done onLater={onLater} />
  return (
    <PlayerFrame
      out={{ label: t('shell.back'), onPress: onLater }}
      back={platform === 'android' ? { label: t('shell.not_now'), onPress: onLater } : undefined}
      next={
        platform === 'android'
          ? { label: t('install.do'), onPress: onInstall }
          : { label: t('shell.not_now'), onPress: onLater, even: true }
      }
    >
      <div class="stack tight">
        <Title>{t('install.title')}</Title>
        <p class="soft">{t('install.lead')}</p>
      </div>
      <Choices
        name="app-name"
        legend={t('install.name')}
        options={names.map((each) => ({ value: each.id, title: <Named {...each} /> }))}
        value={name}
        onChange={onName}
      />
      <Privacy icon="hide">{t('install.name_hint')}</Privacy>
      {platform === 'iphone' && <IphoneSteps />}
      {platform === 'iphone' && code && (
        <Notice icon="key" title={t('install.code')}>
          <p class="large">{code}</p>
          <p>{t('install.code_hint')}</p>
        </Notice>
      )}
      {platform === 'other' && <p>{t('install.other')}</p>}
      <p class="soft small">{t('install.weaker')}</p>
    </PlayerFrame>
  )
}

function Named({ name, icon }: AppName) {
  return (
    <span class="line">
      {icon && <img class="app-icon" src={icon} alt="" />}
      {name}
    </span>
  )
}

function Done({ onLater }: { onLater: () => void }) {
  return (
    <PlayerFrame out={{ label: t('shell.back'), onPress: onLater }}>
      <Title>{t('install.done_title')}</Title>
      <p class="large">{t('install.done')}</p>
      <Button onPress={onLater}>{t('install.stay')}</Button>
    </PlayerFrame>
  )
}
