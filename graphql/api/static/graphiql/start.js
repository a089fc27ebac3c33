const example = JSON.parse(document.getElementById("example").textContent);
ReactDOM.createRoot(document.getElementById("graphiql")).render(
  React.createElement(GraphiQL, {
    fetcher: GraphiQL.createFetcher({ url: window.location.pathname }),
    defaultQuery: example,
    defaultEditorToolsVisibility: true,
  }),
);
