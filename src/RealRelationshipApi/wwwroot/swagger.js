// Swagger UI shows SVG as text: here the picture stands above its text.
const pictures = () => ({
  wrapComponents: {
    responseBody: (Original, system) => props => {
      const { React } = system;
      const text = React.createElement(Original, props);
      if (!/svg/i.test(props.contentType ?? "") || typeof props.content !== "string") return text;
      const picture = React.createElement("img", {
        src: "data:image/svg+xml;charset=utf-8," + encodeURIComponent(props.content),
        alt: /<title[^>]*>([^<]*)/.exec(props.content)?.[1] ?? "The picture",
        style: { display: "block", width: "100%", maxWidth: "60rem", background: "#fff" },
      });
      return React.createElement(React.Fragment, null, picture, text);
    },
  },
});

// Swagger UI keeps its document as immutable maps, which take seconds for the whole contract: it gets what lists of operations show,
// and the rest of an operation when that is opened. The contract is JSON, and refers only to itself: the parser for YAML and the general
// resolver take seconds, too.
const methods = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];
const outline = contract => ({
  ...contract,
  components: { securitySchemes: contract.components?.securitySchemes },
  paths: Object.fromEntries(Object.entries(contract.paths).map(([path, item]) => [path, Object.fromEntries(Object.entries(item).map(([name, value]) =>
    [name, methods.includes(name) ? listed(value) : value]))])),
});
const listed = ({ tags, summary, operationId, deprecated, security }) => ({ tags, summary, operationId, deprecated, security });

let contract;
const localReferences = () => ({
  statePlugins: {
    spec: { wrapActions: { parseToJson: (original, { specActions, specSelectors }) => text => {
      try {
        contract = JSON.parse(text || specSelectors.specStr());
        return specActions.updateJsonSpec(outline(contract));
      } catch {
        return original(text); // which shows the error
      }
    } } },
  },
  fn: {
    resolveSubtree: async (_, path) => {
      const at = steps => steps.reduce((node, step) => node?.[step], contract);
      const resolve = (node, open) => {
        if (Array.isArray(node)) return node.map(item => resolve(item, open));
        if (!node || typeof node !== "object") return node;
        const { $ref, ...own } = node;
        if (typeof $ref !== "string") return Object.fromEntries(Object.entries(own).map(([name, value]) => [name, resolve(value, open)]));
        // A schema that contains itself is followed once.
        return open.includes($ref) ? node : { ...resolve(at($ref.slice(2).split("/")), [...open, $ref]), ...own, $$ref: $ref };
      };
      return { spec: resolve(at(path), []), errors: [] };
    },
  },
});

// What most people come for, above the groups, which are rendered when they are opened.
const quickLinks = () => ({
  wrapComponents: {
    InfoContainer: (Original, system) => props => {
      const { React, layoutActions } = system;
      const open = (tag, operation) => event => {
        event.preventDefault();
        layoutActions.show(["operations-tag", tag], true);
        layoutActions.show(["operations", tag, operation], true);
        history.replaceState(null, "", `#/${tag}/${operation}`);
        const scroll = tries => {
          const block = document.getElementById(`operations-${tag}-${operation}`);
          if (block) block.scrollIntoView();
          else if (tries > 0) setTimeout(scroll, 50, tries - 1);
        };
        scroll(40);
      };
      const links = [
        ["Pool effects", "Analyse", "poolEvidence"],
        ["Draw a forest plot", "Analyse", "drawEvidenceForestPlot"],
        ["Submit a study", "Submit", "submitStudy"],
        ["Submit session scores", "Submit", "submitSessions"],
      ].map(([text, tag, operation]) => React.createElement("a",
        { key: operation, href: `#/${tag}/${operation}`, className: "link", style: { marginRight: "1.5rem" }, onClick: open(tag, operation) }, text));
      const manual = React.createElement("a", { key: "docs", href: "/docs", className: "link" }, "Manual");
      return React.createElement(React.Fragment, null, React.createElement(Original, props),
        React.createElement("nav", { className: "wrapper", id: "quick-links", "aria-label": "Most used operations" },
          React.createElement("p", { style: { fontSize: "1.1rem" } }, links, manual)));
    },
  },
});

document.addEventListener("DOMContentLoaded", () => {
  const Bundle = window.SwaggerUIBundle;
  window.SwaggerUIBundle = Object.assign(config => Bundle({ ...config, plugins: [...(config.plugins ?? []), pictures, localReferences, quickLinks] }), Bundle);
});
