using System.Text.RegularExpressions;

using Hl7.Fhir.Model;

using RealRelationshipApi.Instruments;

namespace RealRelationshipApi.Fhir.Parsing.Forms;

/// <summary>An answered question.</summary>
/// <param name="Item">The question.</param>
/// <param name="Place">Its FHIRPath.</param>
/// <param name="Names">Its codes, and the last part of its linkId.</param>
/// <param name="Form">The instrument that its codes, its linkId or its group name; null for none.</param>
internal sealed record AnsweredItem(QuestionnaireResponse.ItemComponent Item, string Place, IReadOnlyList<string> Names, Instrument? Form);

/// <summary>Splits a response into the instruments that it holds.</summary>
internal static partial class FormParts
{
    /// <summary>The answered questions, wherever they are nested: in groups and in answers.</summary>
    public static IReadOnlyList<AnsweredItem> AnsweredItems(this ResourceReading reading, QuestionnaireResponse response)
    {
        var definition = FormDefinition.From(response.Questionnaire is { } form ? reading.BundleContext.FindQuestionnaire(form) : null);
        return [.. Answered(reading, definition, response.Item, $"{reading.FhirPath}.item", null)];
    }

    /// <summary>The questions of each instrument, by its code; those of none are left out.</summary>
    public static IReadOnlyList<IGrouping<string, AnsweredItem>> ByForm(this IEnumerable<AnsweredItem> items) =>
        [.. items.Where(i => i.Form is not null).GroupBy(i => i.Form!.Code, StringComparer.Ordinal).OrderBy(g => g.Key, StringComparer.Ordinal)];

    private static IEnumerable<AnsweredItem> Answered(ResourceReading reading, FormDefinition definition,
        IEnumerable<QuestionnaireResponse.ItemComponent> items, string place, Instrument? group)
    {
        foreach (var (i, item) in items.Index())
        {
            var at = $"{place}[{i}]";
            string[] names = [.. definition.CodesOf(item.LinkId ?? ""), LastPart(item.LinkId)];
            // A blank item has no answer, or an empty one.
            var isAnswered = item.Answer.Exists(a => a.Value is not null);
            var form = FormOf(reading, names, isAnswered) ?? group;
            if (isAnswered)
            {
                yield return new(item, at, names, form);
            }

            var inner = Answered(reading, definition, item.Item, $"{at}.item", form)
                .Concat(item.Answer.Index().SelectMany(a => Answered(reading, definition, a.Item.Item, $"{at}.answer[{a.Index}].item", form)));
            foreach (var answered in inner)
            {
                yield return answered;
            }
        }
    }

    // LHC-Forms writes linkIds as /panel/code.
    private static string LastPart(string? linkId) => (linkId ?? "").Split('/')[^1];

    private static Instrument? FormOf(ResourceReading reading, IEnumerable<string> names, bool isItem)
    {
        foreach (var name in names.Where(n => n.Length > 0))
        {
            if (FormQuestions.FindByCode(name) is { } panel)
            {
                return reading.Instruments.Find(panel.Instrument).Instrument;
            }

            if (reading.Instruments.FindCoding(InstrumentCoding.Loinc, name).Instrument is { } coded)
            {
                return coded;
            }

            // A group is named as its form; an item as phq9-1, gad7_q3 or PHQ-9-total-score. PHQ.2 is no item of the PHQ-2.
            var formName = isItem ? ItemNamePattern().Replace(name, "") : name;
            if ((!isItem || formName != name) && reading.Instruments.FindByName(formName) is { } named)
            {
                return named;
            }
        }

        return null;
    }

    [GeneratedRegex(@"[-_. ]?((q|item|question)?[-_. ]?\d{1,3}|(total|sum)([-_. ]?score)?|score)\z",
        RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex ItemNamePattern();
}
