using System.Collections.Frozen;
using System.Text.Json;

using RealRelationshipApi.Http;

namespace RealRelationshipApi.Fhir;

/// <summary>How LOINC names the items of a form, as far as that is published; the catalogue names its scores.</summary>
/// <param name="Instrument">Code of the catalogue.</param>
/// <param name="Panel">The code of the whole form.</param>
/// <param name="Items">Codes of the items, in the order of the form.</param>
/// <param name="Beside">What is asked beside the items and does not count: a code, or its number.</param>
internal sealed record Form(string Instrument, string Panel, IReadOnlyList<string> Items, IReadOnlyList<string> Beside)
{
    private static readonly Published s_published = Read();

    private static readonly FrozenDictionary<string, Form> s_byCode = s_published.Forms
        .SelectMany(form => form.Items.Append(form.Panel).Select(code => (code, form))).ToFrozenDictionary(p => p.code, p => p.form, StringComparer.Ordinal);

    /// <summary>Null where the items of the instrument have no published codes.</summary>
    public static Form? Of(string instrument) => s_published.Forms.FirstOrDefault(f => f.Instrument == instrument);

    /// <summary>The form that a LOINC code is of, as its panel or as one of its items.</summary>
    public static Form? Naming(string code) => s_byCode.GetValueOrDefault(code);

    /// <summary>What a LOINC answer counts; null where that is not published.</summary>
    public static double? ScoreOf(string answer) => s_published.Answers.TryGetValue(answer, out var score) ? score : null;

    private static Published Read()
    {
        using var stream = typeof(Form).Assembly.GetManifestResourceStream("RealRelationshipApi.Fhir.forms.json")!;
        return JsonSerializer.Deserialize<Published>(stream, StrictJson.Options)!;
    }

    private sealed record Published(string Source, IReadOnlyList<Form> Forms, IReadOnlyDictionary<string, double> Answers);
}
