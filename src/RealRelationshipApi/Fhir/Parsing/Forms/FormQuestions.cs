using System.Collections.Frozen;
using System.Text.Json;

using RealRelationshipApi.Http.Json;

namespace RealRelationshipApi.Fhir.Parsing.Forms;

/// <summary>What is published of the questions of a form: codes, names, and those beside its items. The codes of its scores are in the instrument
/// catalogue.</summary>
/// <param name="Instrument">Instrument code.</param>
/// <param name="Panel">LOINC code of the whole form; null if it has none.</param>
/// <param name="Items">LOINC codes of the items in the order of the form; empty if they have none.</param>
/// <param name="Names">Last words of the names of the items, likewise.</param>
/// <param name="Beside">Unscored questions of the form, by code, number or last word.</param>
/// <param name="CompletedBy">The question beside the form that tells who answered; null if there is none.</param>
internal sealed record FormQuestions(string Instrument, string? Panel, IReadOnlyList<string> Items, IReadOnlyList<string> Names,
    IReadOnlyList<string> Beside, CompletedBy? CompletedBy)
{
    private static readonly QuestionsFile s_file = Load();

    private static readonly FrozenDictionary<string, FormQuestions> s_byCode = s_file.Forms
        .SelectMany(form => form.Items.Append(form.Panel).OfType<string>().Select(code => (code, form)))
        .ToFrozenDictionary(p => p.code, p => p.form, StringComparer.Ordinal);

    /// <summary>The questions of an instrument; null when nothing is published of them.</summary>
    public static FormQuestions? ForInstrument(string instrument) => s_file.Forms.FirstOrDefault(f => f.Instrument == instrument);

    /// <summary>The form with the panel of that code, or with an item of that code.</summary>
    public static FormQuestions? FindByCode(string code) => s_byCode.GetValueOrDefault(code);

    /// <summary>Score of a LOINC answer; null when it is not published.</summary>
    public static double? AnswerScore(string answer) => s_file.Answers.TryGetValue(answer, out var score) ? score : null;

    private static QuestionsFile Load()
    {
        using var stream = typeof(FormQuestions).Assembly.GetManifestResourceStream("RealRelationshipApi.Fhir.forms.json")!;
        return JsonSerializer.Deserialize<QuestionsFile>(stream, StrictJson.Options)!;
    }

    private sealed record QuestionsFile(string Source, IReadOnlyList<FormQuestions> Forms, IReadOnlyDictionary<string, double> Answers);
}

/// <summary>A question of who answered the form.</summary>
/// <param name="Question">Last word of its name.</param>
/// <param name="Client">The number of the answer "the client".</param>
internal sealed record CompletedBy(string Question, double Client);
