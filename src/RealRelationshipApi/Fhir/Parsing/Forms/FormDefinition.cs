using Hl7.Fhir.Model;

namespace RealRelationshipApi.Fhir.Parsing.Forms;

/// <summary>Codes of questions and scores of answers from a Questionnaire in the same bundle.</summary>
internal sealed class FormDefinition
{
    private readonly Dictionary<string, IReadOnlyList<Coding>> _codes = new(StringComparer.Ordinal);
    private readonly Dictionary<(string LinkId, string Code), double> _scores = [];

    private FormDefinition()
    {
    }

    /// <param name="questionnaire">Null if the form is not in the bundle: then nothing is known of it.</param>
    public static FormDefinition From(Questionnaire? questionnaire)
    {
        var definition = new FormDefinition();
        definition.Add(questionnaire?.Item ?? []);
        return definition;
    }

    /// <summary>Codes of a question.</summary>
    public IEnumerable<string> CodesOf(string linkId) => (_codes.GetValueOrDefault(linkId) ?? []).Select(c => c.Code).OfType<string>();

    /// <summary>The score that the form gives to an answer; null if it gives none.</summary>
    public double? ScoreOf(string linkId, Coding answer) =>
        answer.Code is { } code && _scores.TryGetValue((linkId, $"{answer.System}|{code}"), out var score) ? score : null;

    private void Add(IEnumerable<Questionnaire.ItemComponent> items)
    {
        foreach (var item in items)
        {
            var linkId = item.LinkId ?? "";
            _codes[linkId] = item.Code;
            foreach (var option in item.AnswerOption)
            {
                if (option.Value is Coding { Code: { } code } coding
                    && (NumericValueReader.OrdinalValueOf(coding) ?? NumericValueReader.OrdinalValueOf(option)) is { } score)
                {
                    _scores[(linkId, $"{coding.System}|{code}")] = score;
                }
            }

            Add(item.Item);
        }
    }
}
