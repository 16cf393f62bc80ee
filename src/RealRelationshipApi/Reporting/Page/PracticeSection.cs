using RealRelationshipApi.Http.Json;
using RealRelationshipApi.Reporting.Practice;

namespace RealRelationshipApi.Reporting.Page;

/// <summary>Statements for practice, each with the question behind it; the script of the page adds its present answer.</summary>
internal static class PracticeSection
{
    public static Html Of(PracticeStatements practice) => practice.Statements.Count == 0 ? Html.Empty : Html.Of($"""
        <section aria-labelledby="practice">
          <h2 id="practice">What it says for practice</h2>
          <p>Statements on people in general, never on one patient. <a href="/practice">As JSON</a></p>
          <ul class="statements">{practice.Statements.Select(Statement)}</ul>
        </section>
        """);

    private static Html Statement(PracticeStatement statement) => Html.Of($"""
        <li id="statement-{statement.Id}"><p><strong>{statement.Text}</strong></p>
        <dl><dt>Basis</dt><dd>{EnumNames<StatementBasis>.Of(statement.Basis)}</dd>
        <dt>Source</dt><dd>{statement.Source}</dd>
        {Item("Of whom", statement.Population)}{Item("Not known", statement.Unknown)}
        {(statement.Query is { } query ? Html.Of($"<dt>Present evidence</dt><dd><a class=\"present\" href=\"{query}\">{query}</a></dd>") : Html.Empty)}
        <dt>Signed</dt><dd>{Signature(statement)}</dd></dl></li>
        """);

    private static Html Item(string name, string? text) => text is null ? Html.Empty : Html.Of($"<dt>{name}</dt><dd>{text}</dd>");

    private static string Signature(PracticeStatement statement) => statement.SignedBy is { } curator
        ? $"{curator}{(statement.SignedAt is { } at ? $", {at:yyyy-MM-dd}" : "")}" : "by no curator of this service";
}
