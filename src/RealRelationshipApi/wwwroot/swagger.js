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

document.addEventListener("DOMContentLoaded", () => {
  const Bundle = window.SwaggerUIBundle;
  window.SwaggerUIBundle = Object.assign(config => Bundle({ ...config, plugins: [...(config.plugins ?? []), pictures] }), Bundle);
});
