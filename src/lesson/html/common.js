// SPDX-License-Identifier: BSD-2-Clause
// What the scripts of all pages share.
"use strict";
const page = (() => {
	const at = (id) => document.getElementById(id);

	// An element; what is text stays text, whatever a guest has in it.
	function make(tag, attributes, ...children) {
		const e = document.createElement(tag);

		for (const [name, value] of Object.entries(attributes || {}))
			if (value !== null && value !== false)
				e.setAttribute(name, value === true ? "" : value);
		e.append(...children);
		return e;
	}

	const code = (text) => make("code", null, text);

	function heads(...names) {
		return make("thead", null, make("tr", null,
			...names.map((name) => make("th", {scope: "col"}, name))));
	}

	// The JSON that stands in an element, and its one row.
	const whole = (id) => JSON.parse(at(id).textContent);
	const data = (id) => whole(id).rows[0];

	// Whether a key has a meaning here; then it has no other one.
	function listen(keys) {
		document.addEventListener("keydown", (e) => {
			const key = keys[e.key];

			if (key && !e.altKey && !e.ctrlKey && !e.metaKey && !e.shiftKey && key())
				e.preventDefault();
		});
	}

	return {at, make, code, heads, whole, data, listen};
})();
