using System.Collections.Frozen;
using System.Text.Json;

using RealRelationshipApi.Http.Json;

namespace RealRelationshipApi.Fhir.Parsing;

/// <summary>How LOINC names the items of a form, as far as that is published; the catalogue names its scores.</summary>
/// <param name="Instrument">Code of the catalogue.</param>
/// <param name="Panel">The code of the whole form.</param>
/// <param name="Items">Codes of the items, in the order of the form.</param>
/// <param name="Beside">Questions of the form that are not scored: a code, or its number.</param>
internal sealed record LoincPanel(string Instrument, string Panel, IReadOnlyList<string> Items, IReadOnlyList<string> Beside)
{
    private static readonly PanelFile s_file = Load();

    private static readonly FrozenDictionary<string, LoincPanel> s_byCode = s_file.Forms
        .SelectMany(form => form.Items.Append(form.Panel).Select(code => (code, form))).ToFrozenDictionary(p => p.code, p => p.form, StringComparer.Ordinal);

    /// <summary>Null where the items of the instrument have no published codes.</summary>
    public static LoincPanel? ForInstrument(string instrument) => s_file.Forms.FirstOrDefault(f => f.Instrument == instrument);

    /// <summary>The form that a LOINC code is of, as its panel or as one of its items.</summary>
    public static LoincPanel? FindByCode(string code) => s_byCode.GetValueOrDefault(code);

    /// <summary>What a LOINC answer counts; null where that is not published.</summary>
    public static double? AnswerScore(string answer) => s_file.Answers.TryGetValue(answer, out var score) ? score : null;

    private static PanelFile Load()
    {
        using var stream = typeof(LoincPanel).Assembly.GetManifestResourceStream("RealRelationshipApi.Fhir.forms.json")!;
        return JsonSerializer.Deserialize<PanelFile>(stream, StrictJson.Options)!;
    }

    private sealed record PanelFile(string Source, IReadOnlyList<LoincPanel> Forms, IReadOnlyDictionary<string, double> Answers);
}
