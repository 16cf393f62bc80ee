using System.Collections.Frozen;
using System.Text.Json;

using RealRelationshipApi.Http.Json;

namespace RealRelationshipApi.Fhir.Parsing;

/// <summary>Published LOINC codes of the items of a form; those of its scores are in the instrument catalogue.</summary>
/// <param name="Instrument">Instrument code.</param>
/// <param name="Panel">Code of the whole form.</param>
/// <param name="Items">Codes of the items in the order of the form.</param>
/// <param name="Beside">Unscored questions of the form, by code or number.</param>
internal sealed record LoincPanel(string Instrument, string Panel, IReadOnlyList<string> Items, IReadOnlyList<string> Beside)
{
    private static readonly PanelFile s_file = Load();

    private static readonly FrozenDictionary<string, LoincPanel> s_byCode = s_file.Forms
        .SelectMany(form => form.Items.Append(form.Panel).Select(code => (code, form))).ToFrozenDictionary(p => p.code, p => p.form, StringComparer.Ordinal);

    /// <summary>The panel of an instrument; null when its items have no published codes.</summary>
    public static LoincPanel? ForInstrument(string instrument) => s_file.Forms.FirstOrDefault(f => f.Instrument == instrument);

    /// <summary>The panel with that code, or with an item of that code.</summary>
    public static LoincPanel? FindByCode(string code) => s_byCode.GetValueOrDefault(code);

    /// <summary>Score of a LOINC answer; null when it is not published.</summary>
    public static double? AnswerScore(string answer) => s_file.Answers.TryGetValue(answer, out var score) ? score : null;

    private static PanelFile Load()
    {
        using var stream = typeof(LoincPanel).Assembly.GetManifestResourceStream("RealRelationshipApi.Fhir.forms.json")!;
        return JsonSerializer.Deserialize<PanelFile>(stream, StrictJson.Options)!;
    }

    private sealed record PanelFile(string Source, IReadOnlyList<LoincPanel> Forms, IReadOnlyDictionary<string, double> Answers);
}
