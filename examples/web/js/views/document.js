/** The page's own markup, by the names that index.html gives. */

/** @returns {HTMLElement} The element of an id. */
export function byId(id) {
  const element = document.getElementById(id);
  if (element === null) throw new Error(`index.html has no #${id}`);
  return element;
}

/** A copy of the only element in a template. */
export const copyOf = (templateId) => document.importNode(byId(templateId).content.firstElementChild, true);

/** The element inside that is marked `data-part="name"`. */
export const partOf = (root, name) => root.querySelector(`[data-part="${name}"]`);

/** A new element with attributes or properties, and children: texts are texts, never markup. */
export function element(name, properties = {}, ...children) {
  const created = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (key in created) created[key] = value;
    else created.setAttribute(key, value);
  }
  created.append(...children);
  return created;
}

/** Sets a text only where it is another: a live region would be read out again. */
export function setText(target, text) {
  if (target.textContent !== text) target.textContent = text;
}

/** Makes the children of an element these, in this order, touching only what is out of place. */
export function arrange(parent, children) {
  const wanted = new Set(children);
  for (const child of [...parent.children]) if (!wanted.has(child)) child.remove();
  children.forEach((child, index) => {
    if (parent.children[index] !== child) parent.insertBefore(child, parent.children[index] ?? null);
  });
}

/** Whether keys go to a field. */
export const isInField = () => document.activeElement?.matches("input:not([type=checkbox], [type=radio]), textarea, select") ?? false;

/** Whether the user has begun to write something. */
export const isWriting = () => isInField() && document.activeElement.value !== "";
