// A form with `data-passkey` sends what the browser's own dialog gives. Without passkeys it stays
// hidden.

type Credentials = typeof PublicKeyCredential & {
  parseRequestOptionsFromJSON?: (options: unknown) => PublicKeyCredentialRequestOptions
  parseCreationOptionsFromJSON?: (options: unknown) => PublicKeyCredentialCreationOptions
}

export function beginPasskeys() {
  const kind = window.PublicKeyCredential as Credentials | undefined
  if (!kind?.parseRequestOptionsFromJSON) return
  const show = () => {
    for (const form of document.querySelectorAll<HTMLFormElement>('form[data-passkey][hidden]')) form.hidden = false
  }
  show()
  document.addEventListener('htmx:after:swap', show)
  // Before htmx, which would send the form at once where it is shown on top of a page.
  document.addEventListener('submit', (event) => {
    const form = event.target as HTMLFormElement
    const field = form.elements.namedItem('credential')
    if (!form.dataset['passkey'] || !(field instanceof HTMLInputElement) || field.value) return
    event.preventDefault()
    event.stopPropagation()
    const said = form.querySelector('.wrong')
    if (said) said.textContent = ''
    asked(kind, form).then(
      (credential) => {
        field.value = JSON.stringify(credential)
        form.requestSubmit()
      },
      () => {
        if (said) said.textContent = form.dataset['none'] ?? ''
      },
    )
  }, { capture: true })
}

async function asked(kind: Credentials, form: HTMLFormElement) {
  const answer = await fetch(form.action, { headers: { Accept: 'application/json' } })
  const options = await answer.json()
  const credential =
    form.dataset['passkey'] === 'create'
      ? await navigator.credentials.create({ publicKey: kind.parseCreationOptionsFromJSON!(options) })
      : await navigator.credentials.get({ publicKey: kind.parseRequestOptionsFromJSON!(options) })
  return (credential as PublicKeyCredential).toJSON()
}
