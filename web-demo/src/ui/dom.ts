/** Elements, made in one expression: `h('button', { type: 'button', onclick: run }, 'Run')`. */

export type Child = Node | string | number | null | undefined | false | Child[];

type Value = string | number | boolean | null | undefined | ((event: Event) => void);
export type Properties = Record<string, Value>;

/** `on…` are listeners; `true` is an attribute without a value; null, undefined and false are none. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  properties: Properties = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  setAll(element, properties);
  append(element, children);
  return element;
}

/** The same for drawings. */
export function svg<K extends keyof SVGElementTagNameMap>(
  tag: K,
  properties: Properties = {},
  ...children: Child[]
): SVGElementTagNameMap[K] {
  const element = document.createElementNS('http://www.w3.org/2000/svg', tag);
  setAll(element, properties);
  append(element, children);
  return element;
}

function setAll(element: Element, properties: Properties): void {
  for (const [name, value] of Object.entries(properties)) {
    if (typeof value === 'function') element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, '');
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, String(value));
  }
}

export function append(parent: Node, children: Child[]): void {
  for (const child of children) {
    if (Array.isArray(child)) append(parent, child);
    else if (typeof child === 'string' || typeof child === 'number') parent.appendChild(new Text(String(child)));
    else if (child) parent.appendChild(child);
  }
}

/** What is in `element` from now on. */
export function fill(element: Element, ...children: Child[]): void {
  element.replaceChildren();
  append(element, children);
}

/** Text for screen readers alone, where the eye has a colour or a place to go by. */
export const spoken = (text: string): HTMLElement => h('span', { class: 'spoken' }, text);

let ids = 0;
export const freshId = (prefix: string): string => `${prefix}-${(ids += 1)}`;
