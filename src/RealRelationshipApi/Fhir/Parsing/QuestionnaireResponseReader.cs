using Hl7.Fhir.Model;

using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Instruments;
using RealRelationshipApi.Sessions;

namespace RealRelationshipApi.Fhir.Parsing;

/// <summary>Reads a QuestionnaireResponse that has the items of one form, its total, or both.</summary>
internal static class QuestionnaireResponseReader
{
    /// <summary>Returns a session with one measure.</summary>
    public static SessionRequest Read(ResourceReading reading, QuestionnaireResponse response)
    {
        var at = reading.FhirPath;
        var status = FhirStatusMapper.ToMeasureStatus(response.Status);
        var sourceSystem = reading.SourceSystem(response, response.Identifier, $"{at}.identifier");
        var measure = new MeasureRequest
        {
            SourceId = ReadSourceId(reading, response, sourceSystem), Version = reading.Version(response, status, sourceSystem),
            Status = status
        };
        return status == MeasureStatus.EnteredInError
            ? new() { SourceSystem = sourceSystem, Measures = [measure] }
            : ReadScored(reading, response, sourceSystem, measure);
    }

    private static SessionRequest ReadScored(ResourceReading reading, QuestionnaireResponse response, string sourceSystem, MeasureRequest measure)
    {
        var at = reading.FhirPath;
        var items = AnsweredItems(response.Item, $"{at}.item").ToList();
        var instrument = reading.ResolveQuestionnaire(response.Questionnaire, items.Select(i => LinkIdOf(i.Item)), $"{at}.questionnaire");
        var scored = instrument is null ? null : new ScoredScale(instrument, Instrument.Total);
        (ResourceReference?, string)[] raters = [(response.Source, $"{at}.source"), (response.Author, $"{at}.author")];
        var participants = reading.ResolveParticipants(response, response.Subject, response.Encounter,
            [.. raters.Where(r => r.Item1 is not null).Select(r => (r.Item1!, r.Item2))], scored);
        reading.MapPointer("#/measures/0/instrument", $"{at}.questionnaire");
        reading.MapPointer("#/measures/0/items", $"{at}.item");
        var collector = instrument is null ? null : CollectItems(reading, new ItemCollector(reading, instrument), items);
        reading.MapPointer("#/measures/0/score", collector?.TotalPath ?? $"{at}.item");
        reading.MapPointer("#/measures/0/aggregation", collector?.TotalPath ?? $"{at}.item");
        return new()
        {
            SourceSystem = sourceSystem, Patient = participants.Patient, Therapist = participants.Therapist, Session = participants.Session,
            SessionNumber = participants.SessionNumber, Encounter = participants.Encounter,
            OccurredAt = reading.Instant(response.Authored, $"{at}.authored"),
            Measures =
            [
                measure with
                {
                    Named = scored is null ? null : reading.NamingOf(response.Questionnaire ?? "", participants.NamedRater, scored, other =>
                        other.ResolveQuestionnaire(response.Questionnaire, items.Select(i => LinkIdOf(i.Item)), $"{at}.questionnaire") is { } undeclared
                            ? new(undeclared, Instrument.Total) : null),
                    Instrument = instrument?.Code, Rater = participants.Rater, Items = collector?.Items,
                    KeyedItems = collector?.KeyedItems, Score = collector?.Total,
                    Administration = response.Id is { } id ? new($"QuestionnaireResponse/{id}", IsCopy: false) : null,
                },
            ],
        };
    }

    private static ItemCollector CollectItems(ResourceReading reading, ItemCollector collector,
        List<(QuestionnaireResponse.ItemComponent Item, string Place)> items)
    {
        foreach (var (item, place) in items)
        {
            if (collector.IsUnscored([LinkIdOf(item)]))
            {
                reading.PassOver(place);
                continue;
            }

            if (item.Answer.Count > 1)
            {
                reading.AddError($"{place}.answer", FhirErrorCodes.RepeatedItem, "holds more than one answer");
            }

            collector.Add([LinkIdOf(item)], reading.ReadNumber(item.Answer[0].Value, $"{place}.answer[0].value"), place,
                NumericValueReader.IsKeyed(item.Answer[0].Value));
        }

        return collector;
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

    // Items are nested in groups and in answers; a blank item has no answer.
    private static IEnumerable<(QuestionnaireResponse.ItemComponent Item, string Place)> AnsweredItems(IEnumerable<QuestionnaireResponse.ItemComponent> items,
        string place)
    {
        foreach (var (i, item) in items.Index())
        {
            if (item.Answer.Count > 0)
            {
                yield return (item, $"{place}[{i}]");
            }

            var inner = AnsweredItems(item.Item, $"{place}[{i}].item")
                .Concat(item.Answer.Index().SelectMany(a => AnsweredItems(a.Item.Item, $"{place}[{i}].answer[{a.Index}].item")));
            foreach (var leaf in inner)
            {
                yield return leaf;
            }
        }
    }

    // LHC-Forms writes linkIds as /panel/code.
    private static string LinkIdOf(QuestionnaireResponse.ItemComponent item) => (item.LinkId ?? "").Split('/')[^1];
}
