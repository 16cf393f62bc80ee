using Hl7.Fhir.Model;

using RealRelationshipApi.Fhir.Parsing.Forms;
using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Instruments;
using RealRelationshipApi.Sessions;

namespace RealRelationshipApi.Fhir.Parsing;

/// <summary>Reads a QuestionnaireResponse that has the items of one or several forms, their totals, or both.</summary>
internal static class QuestionnaireResponseReader
{
    /// <summary>Returns a session with a measure for each form.</summary>
    public static SessionRequest Read(ResourceReading reading, QuestionnaireResponse response)
    {
        var at = reading.FhirPath;
        var status = FhirStatusMapper.ToMeasureStatus(response.Status);
        var sourceSystem = reading.SourceSystem(response, response.Identifier, $"{at}.identifier");
        var measure = new MeasureRequest
        {
            SourceId = ReadSourceId(reading, response, sourceSystem), Version = reading.Version(response, status, sourceSystem),
            Status = status,
            OtherKeys = [.. reading.OtherKeysOf(response, [], response.Identifier?.Value is null ? null : response.Identifier)],
        };
        return status == MeasureStatus.EnteredInError
            ? new() { SourceSystem = sourceSystem, Measures = [measure with { Response = new(measure.SourceId, []) }] }
            : ReadScored(reading, response, sourceSystem, measure);
    }

    private static SessionRequest ReadScored(ResourceReading reading, QuestionnaireResponse response, string sourceSystem, MeasureRequest measure)
    {
        var at = reading.FhirPath;
        var items = reading.AnsweredItems(response);
        var (form, error) = reading.FindQuestionnaire(response.Questionnaire, $"{at}.questionnaire");
        // The questions name the forms where the address does not; others are beside them.
        var parts = form is not null ? [] : items.ByForm();
        if (form is null && parts.Count == 0)
        {
            reading.AddError(error!);
        }

        if (parts.Count > 0 && reading.FindOtherForm(response.Questionnaire, [.. parts.Select(p => p.Key)], error, $"{at}.questionnaire") is { } otherForm)
        {
            reading.AddError(otherForm);
        }

        foreach (var beside in items.Where(i => form is null && parts.Count > 0 && i.Form is null))
        {
            reading.PassOver(beside.Place);
        }

        (Instrument? Form, IReadOnlyList<AnsweredItem> Items)[] forms = form is not null || parts.Count == 0 ? [(form, items)]
            : [.. parts.Select(p => (p.First().Form, (IReadOnlyList<AnsweredItem>)[.. p]))];
        measure = measure with { Response = new(measure.SourceId, [.. forms.Select(f => f.Form?.Code).OfType<string>()]) };
        return new SessionRequest
        {
            SourceSystem = sourceSystem,
            Measures =
            [
                .. forms.Select((f, i) => forms.Length == 1
                    ? ReadForm(reading, response, f.Form, f.Items, measure, i)
                    : ReadForm(reading, response, f.Form, f.Items, measure with
                    {
                        SourceId = $"{measure.SourceId}#{f.Form!.Code}",
                    }, i) with { Named = null }),
            ],
        }.With(reading.ResolveParticipants(response, forms[0].Form), reading.Instant(response.Authored, $"{at}.authored"));
    }

    private static MeasureRequest ReadForm(ResourceReading reading, QuestionnaireResponse response, Instrument? instrument, IReadOnlyList<AnsweredItem> items,
        MeasureRequest measure, int index)
    {
        var at = reading.FhirPath;
        var participants = reading.ResolveParticipants(response, instrument, index);
        reading.MapPointer($"#/measures/{index}/instrument", $"{at}.questionnaire");
        reading.MapPointer($"#/measures/{index}/items", $"{at}.item");
        var collector = instrument is null ? null : CollectItems(reading, response, instrument, index, items);
        reading.MapPointer($"#/measures/{index}/score", collector?.TotalPath ?? $"{at}.item");
        reading.MapPointer($"#/measures/{index}/aggregation", collector?.TotalPath ?? $"{at}.item");
        return measure with
        {
            Named = instrument is null ? null
                : reading.NamingOf(response.Questionnaire ?? "", participants.NamedRater, new(instrument, Instrument.Total), other => FormOf(other, response)),
            Instrument = instrument?.Code,
            Rater = participants.Rater,
            Items = collector?.Items,
            KeyedItems = collector?.KeyedItems,
            Score = collector?.Total,
            Aggregation = collector?.Aggregation,
            Administration = measure.Response is { HasSeveral: true } several ? new(several.Key, IsCopy: false)
                : response.Id is { } id ? new($"QuestionnaireResponse/{id}", IsCopy: false) : null,
        };
    }

    private static ScoredScale? FormOf(ResourceReading reading, QuestionnaireResponse response) =>
        (reading.FindQuestionnaire(response.Questionnaire, reading.FhirPath).Form ?? (reading.AnsweredItems(response).ByForm() is [var only] ? only.First().Form
            : null)) is { } form ? new(form, Instrument.Total) : null;

    /// <summary>Reference of a copy to the measure of an instrument in a response of the same bundle; null if the response has no key.</summary>
    public static AdministrationReference? OriginalOf(ResourceReading reading, QuestionnaireResponse response, string? instrument, string sourceSystem) =>
        ReferenceResolver.SourceId(response, response.Identifier, sourceSystem) is not { } key ? null
            : new(key, IsCopy: true)
            {
                Form = reading.FindQuestionnaire(response.Questionnaire, reading.FhirPath).Form is null
                    && reading.AnsweredItems(response).ByForm().Count > 1 ? instrument : null,
            };

    private static ParticipantKeys ResolveParticipants(this ResourceReading reading, QuestionnaireResponse response, Instrument? instrument, int index = 0)
    {
        (ResourceReference, string)? author = response.Author is { } by ? (by, $"{reading.FhirPath}.author") : null;
        // The author of what somebody else answered only recorded it.
        return reading.ResolveParticipants(response, response.Subject, response.Encounter,
            response.Source is { } source ? [(source, $"{reading.FhirPath}.source")] : author is { } only ? [only] : [],
            instrument is null ? null : new(instrument, Instrument.Total), index, response.Source is null ? null : author);
    }

    private static ItemCollector CollectItems(ResourceReading reading, QuestionnaireResponse response, Instrument instrument, int measure,
        IReadOnlyList<AnsweredItem> items)
    {
        var definition = FormDefinition.From(response.Questionnaire is { } form ? reading.BundleContext.FindQuestionnaire(form) : null);
        return new ItemCollector(reading, instrument, measure).Collect(
        [
            .. items.Select(i => new FormAnswer(i.Names, i.Item.Answer[0].Value, i.Place, $"{i.Place}.answer[0].value")
            {
                IsOfOtherForm = i.Form is not null && i.Form.Code != instrument.Code,
                WeightOf = answer => definition.ScoreOf(i.Item.LinkId ?? "", answer),
                SeveralAnswers = i.Item.Answer.Count > 1 ? $"{i.Place}.answer" : null,
            }),
        ]);
    }

    private static string ReadSourceId(ResourceReading reading, QuestionnaireResponse response, string sourceSystem)
    {
        reading.MapPointer("#/measures/0/sourceId", response.Identifier?.Value is null ? $"{reading.FhirPath}.id" : $"{reading.FhirPath}.identifier.value");
        if (ReferenceResolver.SourceId(response, response.Identifier, sourceSystem) is { } key)
        {
            return key;
        }

        reading.AddError($"{reading.FhirPath}.identifier", ErrorCodes.Required, "is required, or an id: by it the same response is known again");
        return "";
    }
}
