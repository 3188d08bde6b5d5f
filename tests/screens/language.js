// Words of another language than the page says. A list of sentences, empty where all is well.
() => {
  // Words that few sentences do without, and that the other language does not have.
  const OTHERS = {
    en: /(?<!\p{L})(el|los|las|que|de|tu|para|una?|con|es|por|se|lo)(?!\p{L})/u,
    es: /\b(the|you|your|and|is|are|to|of|this|what|not|with|for|it)\b/i,
  }
  const faults = []
  function check(words, element) {
    const { lang: said } = element.closest('[lang]')
    // What people wrote is in a language that the app does not know.
    if (OTHERS[said].test(words) && !element.closest('[dir=auto]')) faults.push(`is not in ${said}: ${words}`)
  }

  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  while (texts.nextNode()) check(texts.currentNode.data, texts.currentNode.parentElement)
  for (const name of ['alt', 'aria-label', 'placeholder', 'title']) {
    for (const element of document.querySelectorAll(`[${name}]`)) check(element.getAttribute(name), element)
  }
  return [...new Set(faults)]
}
