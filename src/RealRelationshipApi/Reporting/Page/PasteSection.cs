namespace RealRelationshipApi.Reporting.Page;

/// <summary>Box for a table copied from a spreadsheet, which <c>paste.js</c> sends to <c>POST /meta/pool</c>. Without script it is hidden.</summary>
internal static class PasteSection
{
    public static Html Box { get; } = Html.Of($"""
        <details class="filter" id="paste" hidden>
        <summary>Pool a table of your own</summary>
        <form id="paste-form" method="post">
          <p id="paste-note">Copy rows from a spreadsheet, with the header row, and paste them here: a study, its correlation <code>r</code> and
            <code>n</code>, or <code>yi</code> and <code>vi</code>. Usual heads in any case are understood. Nothing is stored.</p>
          <label for="paste-table">Table</label>
          <textarea id="paste-table" rows="8" spellcheck="false" autocomplete="off" wrap="off" aria-describedby="paste-note"></textarea>
          <p><button type="submit">Pool these effects</button></p>
        </form>
        <div id="paste-result" aria-live="polite"></div>
        </details>
        """);
}
